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

const place = { bridge: 'br0', prefixes: ['10.9.0.0/24', 'fd00:9::/64'], plain: true };
const plain = (policy: object, ...names: string[]) => planNetwork(policy, place, on(...names));
const kinds = (plan: ReturnType<typeof planNetwork>) =>
  plan.elements.map((one) => [
    one.kind,
    'network' in one && one.network,
    'interface' in one && one.interface,
  ]);
const beside = [
  ['routed', '10.9.0.0/24', 'br0'],
  ['routed', 'fd00:9::/64', 'br0'],
];

test('on an interface of the host, masquerade of IPv4 lets both families out, and services are those of a router', () => {
  const plan = plain({ masquerade: ['ip'] }, 'eth0');
  expect(plan.problems).toEqual([]);
  expect(kinds(plan).filter(([kind]) => kind !== 'service')).toEqual([
    ['routed', '10.9.0.0/24', 'eth0'],
    ['routed', 'fd00:9::/64', 'eth0'],
    ...beside,
    ['network-masquerade', '10.9.0.0/24', 'eth0'],
  ]);
  expect(kinds(plan).filter(([kind]) => kind === 'service')).toHaveLength(6);
  expect(kinds(plain({ forward: false, services: [] }, 'eth0'))).toEqual([]);
  expect(kinds(plain({ forward: true, isolated: true, services: [] }, 'eth0'))).toEqual([
    ['routed', '10.9.0.0/24', 'eth0'],
    ['routed', 'fd00:9::/64', 'eth0'],
  ]);
});

test('uplink names the ways out; that of a snat is one', () => {
  const plan = plain({ forward: true, uplinks: ['wg0'], snat: ['203.0.113.9'], services: [] }, 'eth0');
  expect(kinds(plan)).toEqual([
    ['network-nat', '10.9.0.0/24', 'eth0'],
    ['routed', '10.9.0.0/24', 'wg0'],
    ['routed', 'fd00:9::/64', 'wg0'],
    ['routed', '10.9.0.0/24', 'eth0'],
    ...beside,
  ]);
});

test('where libvirt runs the network, snat brings nothing else, and what is named comes', () => {
  const ofLibvirt = { ...place, plain: false };
  expect(kinds(planNetwork({ snat: ['203.0.113.9'] }, ofLibvirt, on('eth0')))).toEqual([
    ['network-nat', '10.9.0.0/24', 'eth0'],
  ]);
  expect(kinds(planNetwork({ masquerade: ['ip6'] }, ofLibvirt, on('eth0')))).toEqual([
    ['network-masquerade', 'fd00:9::/64', 'eth0'],
  ]);
  const { problems } = planNetwork({ forward: true }, { prefixes: [] }, on('eth0'));
  expect(problems).toMatchObject([{ problem: expect.stringContaining('the network has no bridge') }]);
});

test('a bridge without an address, without a way out, or that is the uplink itself is reported', () => {
  const problem = (prefixes: string[], ...names: string[]) =>
    planNetwork({ masquerade: ['ip'] }, { ...place, prefixes }, on(...names)).problems.map(
      (one) => one.problem,
    );
  expect(problem([], 'eth0')).toEqual([expect.stringContaining('br0 has no address')]);
  expect(problem(['10.9.0.0/24'])).toEqual(['its guests have no way out: the host has no default route']);
  expect(problem(['10.9.0.0/24'], 'br0')).toEqual([expect.stringContaining('br0 is the uplink of the host')]);
});
