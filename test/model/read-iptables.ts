import { contains, dropped, type Kernel, type Packet, untouched } from './packet.ts';

/* Reads iptables-save, and follows a packet from rule to rule. A match that it does not know is an error. */

type Chains = ReadonlyMap<string, readonly string[][]>;
interface Walker extends Packet {
  readonly in: string;
  readonly out: string;
}

const host = ['198.51.100.1', '198.51.100.10', '198.51.100.11', '192.168.122.1', 'local'];

export function readIptables(text: string): Kernel {
  const tables = tablesOf(text);
  const walk = (table: string, chain: string, packet: Packet, more: Partial<Walker> = {}) =>
    walkChain(tables.get(table) ?? new Map(), chain, {
      in: packet.source === 'local' ? 'lo' : 'eth0',
      out: 'virbr0',
      ...packet,
      ...more,
    });
  const isDenied = (packet: Packet, address: string) =>
    packet.source !== 'local' && walk('mangle', 'GUESTGATE-DENIED', { ...packet, address }) === 'DROP';
  return {
    translate(packet) {
      const verdict = walk('nat', 'PREROUTING', packet);
      if (verdict === undefined) return untouched;
      if (verdict === 'ACCEPT') return dropped; // refused: mangle drops what nat leaves untranslated
      const [address = '', port = String(packet.port)] = verdict.split(':');
      return isDenied(packet, address) ? dropped : `${address}:${port}`;
    },
    admit(packet) {
      if (isDenied(packet, packet.address)) return dropped;
      const verdict = walk('mangle', 'GUESTGATE-OPEN', packet);
      if (verdict === 'DROP') return dropped;
      return verdict === 'open' ? 'open' : untouched;
    },
    leave(guest) {
      const packet = { protocol: 'tcp', source: guest, address: '203.0.113.9', port: 80 } as const;
      return walk('nat', 'GUESTGATE-SNAT', packet, { in: 'virbr0', out: 'eth0' })?.split(':')[0];
    },
    absent: (tables.get('mangle')?.get('GUESTGATE-ABSENT') ?? []).flatMap((rule) => {
      const at = rule.indexOf('-d');
      return at < 0 ? [] : [(rule[at + 1] ?? '').replace('/32', '')];
    }),
  };
}

function tablesOf(text: string): ReadonlyMap<string, Chains> {
  const tables = new Map<string, Map<string, string[][]>>();
  let chains = new Map<string, string[][]>();
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      chains = new Map();
      tables.set(line.slice(1), chains);
    } else if (line.startsWith(':')) {
      chains.set(line.slice(1).split(' ')[0] ?? '', []);
    } else if (line.startsWith('-A ')) {
      const words = (line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).slice(1);
      chains.get(words[0] ?? '')?.push(words.slice(1));
    }
  }
  return tables;
}

/** The verdict of a chain, the address of a translation, or undefined: the packet leaves the chain at its end. */
function walkChain(chains: Chains, name: string, packet: Walker): string | undefined {
  for (const rule of chains.get(name) ?? []) {
    const { matched, target, to } = judge(rule, packet);
    if (!matched || target === undefined) continue;
    if (target === 'RETURN') return undefined;
    if (target === 'GUESTGATE-ADMIT') return 'open';
    if (target === 'DNAT' || target === 'SNAT') return to;
    if (['ACCEPT', 'DROP', 'REJECT', 'MASQUERADE'].includes(target)) return target;
    const verdict = chains.has(target) ? walkChain(chains, target, packet) : undefined;
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

interface Judged {
  readonly matched: boolean;
  readonly target?: string | undefined;
  readonly to?: string | undefined;
}

function judge(rule: readonly string[], packet: Walker): Judged {
  let [matched, negated] = [true, false];
  let target: string | undefined;
  let to: string | undefined;
  for (let at = 0; at < rule.length; at += 2) {
    const [option = '', value = ''] = [rule[at], rule[at + 1]];
    if (option === '!') {
      negated = true;
      at -= 1;
    } else if (option === '-j') target = value;
    else if (option === '--to-destination' || option === '--to-source') to = value;
    else if (target === undefined) {
      if (matchOf(option, value, packet) === negated) matched = false;
      negated = false;
    }
  }
  return { matched, target, to };
}

function matchOf(option: string, value: string, packet: Walker): boolean {
  switch (option) {
    case '-m':
    case '--comment':
      return true;
    case '-s':
      return packet.source !== 'local' && contains(value, packet.source);
    case '-d':
      return contains(value, packet.address);
    case '-p':
      return packet.protocol === value;
    case '-i':
      return packet.in === value;
    case '-o':
      return packet.out === value;
    case '--dport':
      return isWithin(value, packet.port);
    case '--dst-type':
      return host.includes(packet.address);
    case '--src-type':
      return host.includes(packet.source);
    default:
      throw new Error(`the model does not know what "${option} ${value}" of iptables matches`);
  }
}

function isWithin(value: string, port: number): boolean {
  const [first, last = first] = value.split(':').map(Number);
  return first !== undefined && last !== undefined && port >= first && port <= last;
}
