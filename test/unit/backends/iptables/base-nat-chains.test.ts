import { expect, test } from 'vitest';
import { natRules } from '../../../../src/backends/iptables/base-nat-chains.ts';

const bit = '0x10000000/0x10000000';

test("a bit of the packet's mark counts only with that of the connection's, and is cleared in no other packet", () => {
  const rules = natRules([], [], bit, 'ip');
  const ofPackets = (rules['GUESTGATE-POSTROUTING'] ?? []).filter((rule) => /-m mark|-j MARK/.test(rule));
  expect(ofPackets).toEqual([`-m mark --mark ${bit} -m connmark --mark ${bit} -j GUESTGATE-NOTED`]);
});

test('the address of a network admits nothing: its connections lose our bit before they are translated', () => {
  const network = '192.168.122.0/24';
  const element = { kind: 'network-nat', network, interface: 'eth0', address: '203.0.113.9' } as const;
  expect(natRules([element], [], bit, 'ip')['GUESTGATE-NETWORKS']).toEqual([
    `-s ${network} -o eth0 -m conntrack ! --ctstate DNAT -j CONNMARK --set-xmark 0x0/0x10000000`,
    ...['tcp', 'udp', 'sctp'].map(
      (protocol) => `-s ${network} -o eth0 -p ${protocol} -j SNAT --to-source 203.0.113.9:32768-60999`,
    ),
    `-s ${network} -o eth0 ! -p tcp -j SNAT --to-source 203.0.113.9`,
  ]);
});
