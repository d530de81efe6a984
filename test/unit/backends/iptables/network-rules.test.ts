import { expect, test } from 'vitest';
import {
  acceptRules,
  admissionRules,
  departureRules,
  serviceRules,
} from '../../../../src/backends/iptables/network-rules.ts';
import type { NetworkElement } from '../../../../src/model/network-element.ts';

const bit = '0x10000000/0x10000000';
const network = '10.9.0.0/24';
const routed: NetworkElement = { kind: 'routed', network, bridge: 'br0', interface: 'eth0' };
const masqueraded: NetworkElement = { ...routed, kind: 'network-masquerade' };

test('what a network lets out gets our bit, and what is not translated is accepted', () => {
  expect(admissionRules([routed])).toEqual([`-s ${network} -i br0 -o eth0 -j GUESTGATE-ADMIT`]);
  expect(acceptRules([routed])).toEqual([
    `-s ${network} -i br0 -o eth0 -m conntrack ! --ctstate DNAT -j ACCEPT`,
  ]);
});

test('what gets an address here is left to us by others, whether or not it was admitted before', () => {
  expect(departureRules([routed, masqueraded], bit, 'FIRST')).toEqual([
    `-s ${network} -o eth0 FIRST -j GUESTGATE-DEPART`,
  ]);
  expect(departureRules([masqueraded], bit, 'FIRST')).toEqual([
    `-s ${network} -o eth0 -m connmark ! --mark ${bit} FIRST -j GUESTGATE-DEPART`,
  ]);
});

test('a service is a port, or a range, by the bridge', () => {
  const service = (first: number, last: number): NetworkElement => ({
    kind: 'service',
    bridge: 'br0',
    protocol: 'udp',
    ports: { first, last },
  });
  expect(serviceRules([service(67, 67), service(50, 60), routed], bit)).toEqual([
    `-i br0 -p udp -m udp --dport 67 -j CONNMARK --set-xmark ${bit}`,
    `-i br0 -p udp -m udp --dport 50:60 -j CONNMARK --set-xmark ${bit}`,
  ]);
});
