import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import { judgeIptablesRule } from '../../../src/explain/iptables-rule.ts';
import type { Packet } from '../../../src/explain/packet.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

/** What a rule, as iptables-save writes it, does to a packet. */
function judge(text: string, changes: Partial<Packet> = {}) {
  const [table] = parseSavedTables(`*filter\n:FORWARD DROP [0:0]\n-A FORWARD ${text}\nCOMMIT\n`);
  const [rule] = table?.chains.get('FORWARD')?.rules ?? [];
  if (rule === undefined) throw new Error('no rule');
  const asked = { address: '198.51.100.1', port: 8080, protocol: 'tcp' as const };
  const packet = { ...packetOf(asked, '198.51.100.2', 'eth0'), output: 'virbr0', followed: true, ...changes };
  const surroundings = {
    addressType: () => 'local' as const,
    addressTypeOn: () => 'local' as const,
    interfaceTo: () => 'eth0',
    firstAddress: () => '198.51.100.1',
  };
  return { outcome: judgeIptablesRule(rule, packet, surroundings), packet };
}

test.each([
  ['-j DROP', 'drop'],
  ['-s 198.51.100.0/24 -i eth0 ! -o eth1 -m conntrack --ctstate NEW -j ACCEPT', 'accept'],
  ['! -s 198.51.100.0/24 -j DROP', 'next'],
  ['-i eth+ -o virbr0 -j REJECT --reject-with icmp-port-unreachable', 'reject'],
  ['-p tcp -m tcp --dport 8000:8100 -j ACCEPT', 'accept'],
  ['-p tcp -m multiport --dports 80,8080 -j ACCEPT', 'accept'],
  ['-p tcp -m multiport ! --dports 80,8080 -j ACCEPT', 'next'],
  ['-p udp -m udp --dport 8080 -j ACCEPT', 'next'],
  ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', 'next'],
  ['-m conntrack ! --ctstate RELATED,ESTABLISHED -j ACCEPT', 'accept'],
  ['-m comment --comment "! -j DROP \\"x\\"" -j RETURN', 'return'],
  ['-m addrtype --dst-type LOCAL -j ACCEPT', 'accept'],
  ['-m addrtype ! --dst-type LOCAL -j ACCEPT', 'next'],
  ['-m physdev --physdev-is-bridged -j ACCEPT', 'next'],
  ['-m limit --limit 3/min -j ACCEPT', 'accept'],
  ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT', 'accept'],
  ['-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP', 'next'],
  ['-p tcp -m tcp --tcp-flags FIN,ACK FIN,ACK -j DROP', 'next'],
  ['-m set --match-set banned src -j DROP', 'unknown'],
  ['-m statistic --mode random --probability 0.5 -j DROP', 'unknown'],
  ['-m set --match-set banned src -j LOG', 'next'],
  ['-s 10.0.0.1 -m set --match-set banned src -j DROP', 'next'],
  ['-j NFQUEUE --queue-num 1', 'unknown'],
  ['-j LOG --log-prefix "seen: "', 'next'],
  ['-j DOCKER-USER', 'jump'],
  ['-g DOCKER-USER', 'goto'],
])('%s: %s', (text, kind) => {
  expect(judge(text).outcome.kind).toBe(kind);
});

test('marks: of the packet and of the connection, set and asked for', () => {
  expect(
    judge('-m connmark --mark 0x10000000/0x10000000 -j ACCEPT', { connectionMark: 0x10000001 }).outcome.kind,
  ).toBe('accept');
  expect(judge('-m mark --mark 0x1 -j ACCEPT', { mark: 3 }).outcome.kind).toBe('next');
  expect(judge('-j MARK --set-xmark 0x2/0x2', { mark: 1 }).packet.mark).toBe(3);
  expect(judge('-j CONNMARK --set-xmark 0x4/0xffffffff', { connectionMark: 1 }).packet.connectionMark).toBe(
    4,
  );
  expect(
    judge('-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff', { connectionMark: 5 }).packet.mark,
  ).toBe(5);
  expect(judge('-m connmark ! --mark 0x1 -j ACCEPT', { followed: false }).outcome.kind).toBe('next');
});

test.each([
  ['DNAT --to-destination 192.168.122.41:80', '192.168.122.41', 80],
  ['DNAT --to-destination 192.168.122.41', '192.168.122.41', 8080],
  ['DNAT --to-destination :81', '198.51.100.1', 81],
  ['REDIRECT --to-ports 9000', '198.51.100.1', 9000],
])('%s', (target, destination, port) => {
  expect(judge(`-p tcp -j ${target}`).packet).toMatchObject({
    destination,
    port,
    destinationTranslated: true,
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:32768-60999', '203.0.113.9'],
  ['203.0.113.9-203.0.113.12', '203.0.113.9'],
  ['2001:db8::9', '2001:db8::9'],
  ['[2001:db8::9]:32768-60999', '2001:db8::9'],
])('the source becomes the address of %s', (text, address) => {
  expect(judge(`-j SNAT --to-source ${text}`).packet.source).toBe(address);
});

test('a source that is not routed back', () => {
  const own = judge('-m rpfilter --invert -j DROP');
  expect(own.outcome.kind).toBe('next');
});

test('which of several addresses the kernel picks is uncertain', () => {
  expect(judge('-j DNAT --to-destination 10.0.0.1-10.0.0.9').outcome.kind).toBe('unknown');
});

test('labels and statuses of a connection, of which a first packet has none', () => {
  const kind = (text: string, connectionLabels: number[] = []) =>
    judge(text, { connectionLabels }).outcome.kind;
  expect(kind('-m connlabel --label "120" -j ACCEPT', [120])).toBe('accept');
  expect(kind('-m connlabel ! --label "120" -j ACCEPT')).toBe('accept');
  expect(kind('-m connlabel --label "named" -j ACCEPT')).toBe('unknown');
  expect(kind('-m conntrack ! --ctstatus EXPECTED,CONFIRMED -j ACCEPT')).toBe('accept');
  expect(kind('-m conntrack --ctstatus ASSURED -j ACCEPT')).toBe('next');
});
