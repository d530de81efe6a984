/** Rulesets that nobody would write, of all that `guestgate explain` claims to understand; the same for the same seed. */
export interface RandomRules {
  /** For `nft -f -`. */
  readonly nft: string;
  /** For `iptables-nft-restore --noflush`, and for iptables-legacy's. */
  readonly iptables: string;
  readonly legacy: string;
}

export const randomPorts = [53, 80, 7777, 8080, 9000] as const;
export const randomGuests = ['192.168.122.41', '192.168.122.42'] as const;
const addresses = ['198.51.100.1', '198.51.100.10', '198.51.100.11', ...randomGuests];
const sources = ['198.51.100.2', '198.51.100.3', '198.51.100.1'];

type Pick = (below: number) => number;

export function randomRules(below: Pick): RandomRules {
  return {
    nft: Array.from({ length: 1 + below(2) }, (_, index) => nftTable(below, `random${index}`)).join('\n'),
    iptables: iptablesTables(below),
    legacy: below(3) === 0 ? iptablesTables(below) : '',
  };
}

const one = <T>(below: Pick, list: readonly T[]): T => list[below(list.length)] as T;
const some = <T>(below: Pick, most: number, make: () => T): T[] =>
  Array.from({ length: below(most + 1) }, make);

const hooks = {
  prerouting: ['raw', 'mangle', 'filter'],
  input: ['mangle', 'filter'],
  forward: ['mangle', 'filter', 'filter + 10'],
  output: ['raw', 'filter'],
  postrouting: ['mangle', 'filter'],
} as const;
type Hook = keyof typeof hooks;

function nftTable(below: Pick, name: string): string {
  const family = below(2) === 0 ? 'ip' : 'inet';
  const chains = (Object.keys(hooks) as Hook[]).flatMap((hook, index) => {
    if (below(3) !== 0) return [];
    const policy = below(6) === 0 ? 'drop' : 'accept';
    const head = `type filter hook ${hook} priority ${one(below, hooks[hook])}; policy ${policy};`;
    const rules = some(below, 4, () => nftRule(below, hook, [accept, verdict, jump, mark, choice]));
    return [`chain f${index} { ${head}\n${rules.join('\n')}\n}`];
  });
  const nat =
    below(2) === 0
      ? [
          `chain n { type nat hook prerouting priority ${below(120) - 160}; policy accept;\n${some(below, 3, () => nftRule(below, 'prerouting', [dnat, dnat, natMap, verdict])).join('\n')}\n}`,
        ]
      : [];
  const pairs = addresses.map((address) => `${address} . ${one(below, randomPorts)}`);
  const forwards = randomPorts.map(
    (port) => `${port} : ${one(below, randomGuests)} . ${one(below, randomPorts)}`,
  );
  return `table ${family} ${name} {
set guests { type ipv4_addr; flags interval; elements = { 192.168.122.40-192.168.122.41 } }
set pairs { type ipv4_addr . inet_service; elements = { ${pairs.slice(0, 3).join(', ')} } }
map forwards { type inet_service : ipv4_addr . inet_service; elements = { ${forwards.slice(0, 3).join(', ')} } }
map verdicts { type inet_service : verdict; flags interval; elements = { 50-60 : ${one(below, ['accept', 'drop'])}, 8000-8100 : jump sub } }
chain sub { ${some(below, 3, () => nftRule(below, 'any', [verdict, verdict, mark])).join('\n')}
}
${[...chains, ...nat].join('\n')}
}`;
}

/** At most one question for the protocol's ports, at most one for addresses, and at most one more. */
function nftRule(below: Pick, hook: Hook | 'any', actions: readonly ((below: Pick) => string)[]): string {
  const action = one(below, actions);
  const translates = action === dnat || action === natMap;
  const ports = [
    `udp dport ${one(below, randomPorts)}`,
    `udp dport { ${one(below, randomPorts)}, 7000-8000 }`,
    `udp dport != ${one(below, randomPorts)}`,
    'udp dport < 100',
    'udp sport 1024-65535',
    'ip daddr . udp dport @pairs',
    ...(translates ? [] : ['tcp dport 80', 'meta l4proto { tcp, udp }']),
  ];
  const ends = [
    `ip saddr ${one(below, sources)}`,
    'ip saddr != { 198.51.100.2, 10.0.0.0/8 }',
    `ip daddr ${one(below, addresses)}`,
    'ip daddr @guests',
    'fib daddr type local',
    ...routeQuestions(hook),
  ];
  const others = [
    'ct status dnat',
    'ct status & dnat == 0',
    'ct mark & 0x1 == 0x1',
    'meta mark 0x2',
    ...(hook === 'output' ? [] : ['iifname "eth*"', 'ct state new', 'ct state established,related']),
    ...(hook === 'forward' || hook === 'postrouting' ? ['oifname "virbr0"'] : []),
  ];
  const questions = [ends, ports, others].flatMap((list) => (below(5) < 2 ? [one(below, list)] : []));
  return [...questions, 'counter', action(below)].join(' ');
}

/** The kernel takes each of these in some hooks alone (net/netfilter/nft_fib.c, nft_fib_validate). */
function routeQuestions(hook: Hook | 'any'): string[] {
  const arriving = hook === 'prerouting' || hook === 'input' || hook === 'forward';
  return [
    ...(arriving
      ? ['fib saddr . iif oif missing', 'fib saddr . mark . iif oif exists', 'fib daddr . iif type local']
      : []),
    ...(hook === 'prerouting' ? ['fib saddr oif "eth0"', 'fib daddr oif "virbr0"', 'fib daddr oif 0'] : []),
    ...(hook === 'forward' ? ['fib daddr . oif type unicast'] : []),
  ];
}

const accept = () => 'accept';
const verdict = (below: Pick) => one(below, ['accept', 'drop', 'return', 'accept']);
const jump = (below: Pick) => one(below, ['jump sub', 'goto sub']);
const choice = () => 'meta l4proto udp th dport vmap @verdicts';
const mark = (below: Pick) =>
  one(below, ['ct mark set ct mark | 0x1', 'meta mark set 0x2', 'ct mark set 0x0']);
const dnat = (below: Pick) =>
  `meta l4proto udp dnat ip to ${one(below, randomGuests)}:${one(below, randomPorts)}`;
const natMap = () => 'meta l4proto udp dnat ip to th dport map @forwards';

function iptablesTables(below: Pick): string {
  const filter = (['INPUT', 'FORWARD', 'OUTPUT'] as const).flatMap((chain) =>
    some(below, 3, () => iptablesRule(below, chain, ['ACCEPT', 'DROP', 'REJECT', 'SUB', 'RETURN', 'LOG'])),
  );
  const sub = some(below, 3, () => iptablesRule(below, 'SUB', ['ACCEPT', 'DROP', 'RETURN']));
  const policy = below(5) === 0 ? 'DROP' : 'ACCEPT';
  const nat = some(below, 2, () => {
    const target = `DNAT --to-destination ${one(below, randomGuests)}:${one(below, randomPorts)}`;
    const rule = iptablesRule(below, 'PREROUTING', [target, 'REDIRECT --to-ports 9000', 'ACCEPT'], false);
    return rule.replace('-A PREROUTING', '-A PREROUTING -p udp');
  });
  const mangle = some(below, 2, () =>
    iptablesRule(below, 'PREROUTING', ['MARK --set-xmark 0x2/0x2', 'CONNMARK --set-xmark 0x1/0x1', 'ACCEPT']),
  );
  return [
    '*filter',
    `:FORWARD ${policy} [0:0]`,
    ':SUB - [0:0]',
    ...filter,
    ...sub,
    'COMMIT',
    '*nat',
    ...nat,
    'COMMIT',
    '*mangle',
    ...mangle,
    'COMMIT\n',
  ].join('\n');
}

function iptablesRule(below: Pick, chain: string, targets: readonly string[], ports = true): string {
  const conditions = [
    `-s ${one(below, sources)}`,
    `! -s 198.51.100.2/31`,
    `-d ${one(below, addresses)}`,
    '-d 192.168.122.0/24',
    ...(ports
      ? [
          `-p udp -m udp --dport ${one(below, randomPorts)}`,
          '-p udp -m udp ! --dport 53',
          '-p udp -m multiport --dports 53,7000:8000',
          '-p tcp -m tcp --dport 80',
        ]
      : []),
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m conntrack --ctstate DNAT',
    '-m connmark --mark 0x1/0x1',
    '-m mark --mark 0x2/0x2',
    '-m addrtype --dst-type LOCAL',
    '-m comment --comment "not -j DROP"',
    ...(chain === 'FORWARD' ? ['-o virbr0', '! -o eth0', '-i eth+'] : []),
  ];
  const parts = below(4) === 0 ? [] : [one(below, conditions)];
  return ['-A', chain, ...parts, '-j', one(below, targets)].join(' ');
}
