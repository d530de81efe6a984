import type { ChildProcess } from 'node:child_process';
import { describe, expect } from 'vitest';
import { packetOf } from '../../src/explain/explain.ts';
import { interfaceTowards, readHostOf, rulesOf } from '../../src/explain/read-host.ts';
import { readRuleset } from '../../src/explain/read-ruleset.ts';
import { ties, traceOf } from '../../src/explain/trace.ts';
import type { Trace } from '../../src/explain/traced.ts';
import { libvirtRules, libvirtRules6 } from '../support/foreign-rules.ts';
import { client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { randomPorts, randomRules } from '../support/random-rules.ts';
import { repositoryPath } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { seeded } from '../unit/fixtures.ts';

/*
 * What `explain` says of a packet is what becomes of it: random rulesets, and random packets through each of them, all of
 * which are really sent. Where one ends up, and whether it was refused or lost, must be what was said.
 */

const { test, lab, web } = labTest({ guests: ['web', 'other'], silent: ['web', 'other'] });
let received = '';
const listeners = new Map<string, ChildProcess>();
test.beforeAll(() => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "7777:53/udp"]\n`);
  // Refusals are not to be rationed.
  for (const space of ['host', 'guest1', 'guest2'])
    lab.host.sh('echo 0 >/proc/sys/net/ipv4/icmp_ratelimit', space === 'host' ? {} : { in: space });
  for (const space of ['host', 'guest1', 'guest2']) listen(space);
});

const script = repositoryPath('test/support/udp-probes.mjs');

function listen(space: string): void {
  const where = space === 'host' ? {} : { in: space };
  const args = [script, '--listen', space, ...randomPorts.map(String)];
  const child = lab.host.start(process.execPath, args, where);
  listeners.set(space, child);
  child.stdout?.on('data', (data: Buffer) => {
    received += String(data);
  });
  lab.host.sh(
    'for i in $(seq 2000); do ss -Hlun | grep -q ":9000 " && exit 0; sleep 0.05; done; exit 1',
    where,
  );
}

interface Sent {
  readonly id: number;
  readonly from: string;
  readonly address: string;
  readonly port: number;
}

/** What became of each packet: who got it at which port and from which address; `refused`, or `lost`. */
async function send(packets: readonly Sent[]): Promise<Map<number, string>> {
  received = '';
  const refused = new Set<number>();
  for (const space of ['client', 'host']) {
    const own = packets.filter(({ from }) => (from === publicAddress) === (space === 'host'));
    const where = space === 'host' ? {} : { in: space };
    const { stdout } = lab.host.run(process.execPath, [script], { input: JSON.stringify(own), ...where });
    for (const id of JSON.parse(stdout) as number[]) refused.add(id);
  }
  await receivedAll();
  const got = new Map(
    received
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([who = '', port = '', , id]) => [Number(id), `${who}:${port}`]),
  );
  return new Map(packets.map(({ id }) => [id, got.get(id) ?? (refused.has(id) ? 'refused' : 'lost')]));
}

/** Waits until each listener has told of all that lies in its sockets: it says so when it is asked. */
async function receivedAll(): Promise<void> {
  for (const child of listeners.values()) child.stdin?.write('all\n');
  for (const space of listeners.keys())
    await until(`${space} has told of all`, () => received.includes(`${space} has told of all\n`));
}

const spaces: Readonly<Record<string, string>> = { '192.168.122.41': 'guest1', '192.168.122.42': 'guest2' };

/** The same in the words of `send`. */
function said({ verdict, to, stations }: Trace): string {
  const [, address = '', port] = /^(.*):(\d+)$/.exec(to) ?? [];
  if (verdict === 'host') return `host:${port}`;
  if (verdict === 'passed') return `${spaces[address] ?? 'nobody'}:${port}`;
  // Whoever sends from this host is told that it was not let out.
  const own = stations[0]?.hook === 'output';
  return verdict === 'rejected' || verdict === 'unroutable' || own ? 'refused' : 'lost';
}

/** As the program on the host would ask; here each program is run in the sandbox. */
function explainAll(packets: readonly Sent[]): Map<number, Trace> {
  const ask = ({ program, args }: { readonly program: string; readonly args: readonly string[] }) => {
    const { status, stdout } = lab.host.run(program, args, { mayFail: true });
    return status === 0 ? stdout : undefined;
  };
  const rules = rulesOf('ip', readRuleset(ask), true, ask);
  const host = readHostOf('ip', { forwards: () => true, checksSources: () => false }, ask);
  return new Map(
    packets.map(({ id, from, address, port }) => {
      const input = host.addressType(from) === 'local' ? undefined : interfaceTowards(from, 'ip', ask);
      return [id, traceOf(packetOf({ address, port, protocol: 'udp' }, from, input), rules, host)];
    }),
  );
}

const addresses = ['198.51.100.1', '198.51.100.10', '198.51.100.11', '192.168.122.41', '192.168.122.42'];
const sources = ['198.51.100.2', '198.51.100.3', '198.51.100.2', publicAddress];

function randomPackets(below: (limit: number) => number, count: number): Sent[] {
  const one = <T>(list: readonly T[]) => list[below(list.length)] as T;
  return Array.from({ length: count }, (_, id) => ({
    id,
    from: one(sources),
    address: one(addresses),
    port: one(randomPorts),
  }));
}

function loadRules(seed: number): string {
  const below = seeded(seed);
  const { nft, iptables, legacy } = randomRules(below);
  lab.host.sh(`nft flush ruleset; rm -rf /run/guestgate; conntrack -F 2>/dev/null
    for t in filter nat mangle; do iptables-legacy -t $t -F; iptables-legacy -t $t -X; done
    for c in INPUT FORWARD OUTPUT; do iptables-legacy -P $c ACCEPT; done`);
  if (below(3) === 0) libvirtRules[below(3)]?.load(lab);
  lab.host.run('nft', ['-f', '-'], { input: nft });
  lab.host.run('iptables-nft-restore', ['--noflush'], { input: iptables });
  if (legacy !== '') lab.host.run('iptables-legacy-restore', ['--noflush'], { input: legacy });
  if (below(2) === 0) lab.hook(web, 'started');
  return `${nft}\n${iptables}\n${legacy}`;
}

describe('random packets fare as it says, through random rules', () => {
  const ways: string[] = [];

  // EXPLAIN_SEED and EXPLAIN_COUNT: others, and more of them.
  const first = Number(process.env['EXPLAIN_SEED'] ?? 100);
  const count = Number(process.env['EXPLAIN_COUNT'] ?? 10);
  test.each(Array.from({ length: count }, (_, index) => first + index))('seed %i', async (seed) => {
    const rules = loadRules(seed);
    const packets = randomPackets(seeded(seed + 10_000), 20);
    const explained = explainAll(packets);
    const happened = await send(packets);
    for (const packet of packets) {
      const way = explained.get(packet.id) as Trace;
      expect(way.doubts.filter(({ chain }) => chain !== ties)).toEqual([]);
      const outcome = happened.get(packet.id);
      // A refusal may be lost on its way back, by the same rules: nobody follows it.
      const fits = outcome === said(way) || (outcome === 'lost' && said(way) === 'refused');
      expect(fits, `${JSON.stringify({ packet, outcome, way }, null, 1)}\n${rules}`).toBe(true);
      ways.push(said(way));
    }
  });

  test('and met all fates that there are', () => {
    const fates = new Set(ways.map((way) => way.replace(/:\d+$/, '')));
    expect([...fates].sort()).toEqual(['guest1', 'guest2', 'host', 'lost', 'refused']);
  });
});

describe('as a person asks', () => {
  test.beforeAll(() => {
    lab.host.sh(
      'nft flush ruleset; iptables-legacy -F; iptables-legacy -t nat -F; iptables-legacy -t mangle -F; rm -rf /run/guestgate',
    );
    libvirtRules[0]?.load(lab);
    lab.hook(web, 'started');
  });

  test('a forward goes to its guest, by our translation and our accept', () => {
    const { status, stdout } = lab.guestgate('explain', `${publicAddress}:8080`, '--from', '198.51.100.2');
    expect(stdout).toContain(`tcp 198.51.100.2:49999 -> ${publicAddress}:8080, arrives on eth0`);
    expect(stdout).toMatch(/ip guestgate prerouting \(-110\): translated to 192\.168\.122\.41:80/);
    expect(stdout).toMatch(
      /iptables filter FORWARD \(0\): accept\n {4}FORWARD: -A FORWARD -j GUESTGATE-FORWARD/,
    );
    expect(stdout).toContain('Forwarded to 192.168.122.41:80 (guest "web"), through virbr0.\n');
    expect(status).toBe(0);
  });

  test("libvirt's rule rejects what no forward admits", () => {
    const { status, stdout } = lab.guestgate('explain', `${web.address}:443`);
    expect(stdout).toContain(
      'Rejected in iptables filter FORWARD, by -A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable.',
    );
    expect(status).toBe(1);
  });

  test('what is for the host stays there, and what comes from it is followed, too', () => {
    expect(lab.guestgate('explain', `${publicAddress}:22`).stdout).toContain('Delivered to this host');
    const { stdout } = lab.guestgate('explain', `${publicAddress}:8080`, '--from', publicAddress);
    expect(stdout).toContain(', from this host');
    expect(stdout).toContain('Forwarded to 192.168.122.41:80 (guest "web"), through virbr0.');
  });

  test('a rule that it cannot judge is named, and the answer is not certain', async () => {
    lab.host.sh('iptables -I FORWARD -m statistic --mode random --probability 0.5 -j DROP');
    const { status, stdout } = lab.guestgate('explain', `${publicAddress}:8080`);
    expect(stdout).toContain('Uncertain: these rules could not be evaluated:');
    expect(stdout).toContain('iptables filter FORWARD: FORWARD: -A FORWARD -m statistic --mode random');
    expect(status).toBe(1);
    lab.host.sh('iptables -D FORWARD 1');
    await until('it is gone', () => lab.guestgate('explain', `${publicAddress}:8080`).status === 0);
  });

  test('forwarding that is off is reported', () => {
    lab.host.sh('echo 0 >/proc/sys/net/ipv4/ip_forward');
    const { stdout } = lab.guestgate('explain', `${publicAddress}:8080`);
    lab.host.sh('echo 1 >/proc/sys/net/ipv4/ip_forward');
    expect(stdout).toMatch(/^Dropped(?: in routing|: no route to)/m);
  });

  test('as JSON', () => {
    const { stdout } = lab.guestgate('explain', `${publicAddress}:7777/udp`, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      packet: { protocol: 'udp', input: 'eth0' },
      way: { verdict: 'passed', to: '192.168.122.41:53', output: 'virbr0', doubts: [] },
      guest: 'web',
    });
  });

  test.each([['nonsense'], ['1.2.3.4'], ['1.2.3.4:0'], ['1.2.3.4:80/icmp'], ['2001:db8::1:80']])(
    '%s is not an address and port',
    (text) => {
      expect(lab.guestgate('explain', text)).toMatchObject({ status: 2, stdout: '' });
    },
  );
});

const { test: testInIpv6, web: guest } = ownLabTest({ guests: ['web'], silent: ['web'], ipv6: true });

testInIpv6('in IPv6, by the same chains', async ({ lab: six }) => {
  six.configure(`[guest.web]\naddress = "${guest.address6}"\nforward = ["8080:80"]\n`);
  libvirtRules6[0]?.load(six);
  six.hook(guest, 'started');
  const open = six.guestgate('explain', `[${publicAddress6}]:8080`, '--from', client6);
  expect(open.stdout).toContain(`Forwarded to [${guest.address6}]:80 (guest "web"), through virbr0.`);
  expect(open.stdout).toContain('  ip6tables filter FORWARD (0): accept');
  const closed = six.guestgate('explain', `[${guest.address6}]:443`, '--from', client6);
  expect(closed.stdout).toContain(
    'Rejected in ip6tables filter FORWARD, by -A LIBVIRT_FWI -o virbr0 -j REJECT',
  );
});
