import { expect, test } from 'vitest';
import { planNetwork } from '../../../src/planner/plan-network.ts';

const snat = ['203.0.113.9', '2001:db8::9'];
const prefixes = ['192.168.122.0/24', '192.168.122.128/25', 'fd00:122::/64'];
const on = (...names: string[]) => ({ interfacesOf: () => names });

test('an element for each prefix and interface, of the family of the address', () => {
  const element = { kind: 'network-nat', network: '192.168.122.0/24', address: '203.0.113.9' };
  expect(planNetwork({ snat }, { prefixes }, on('eth0', 'eth1'))).toEqual({
    elements: [
      { ...element, interface: 'eth0' },
      { ...element, interface: 'eth1' },
      { kind: 'network-nat', network: 'fd00:122::/64', interface: 'eth0', address: '2001:db8::9' },
      { kind: 'network-nat', network: 'fd00:122::/64', interface: 'eth1', address: '2001:db8::9' },
    ],
    problems: [],
  });
  expect(planNetwork({}, { prefixes }, on('eth0'))).toEqual({ elements: [], problems: [] });
});

test('what cannot be done is reported', () => {
  expect(planNetwork({ snat }, { prefixes: ['192.168.122.0/24'] }, on('eth0'))).toMatchObject({
    elements: [{}],
    problems: [{ problem: 'snat 2001:db8::9 applies to no guest: the network has no IPv6' }],
  });
  expect(planNetwork({ snat: ['203.0.113.9'] }, { prefixes }, on()).problems).toMatchObject([
    { problem: expect.stringContaining('no connection can leave as 203.0.113.9') },
  ]);
  expect(planNetwork({ snat: ['203.0.113.9'] }, { prefixes }, on('a"; flush'))).toMatchObject({
    elements: [],
    problems: [{ problem: expect.stringContaining('invalid interface name') }],
  });
});
