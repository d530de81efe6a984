import { expect, test } from 'vitest';
import type { Fault } from '../../../src/model/finding.ts';
import type { Forward } from '../../../src/model/policy.ts';
import type { HostView } from '../../../src/planner/host-view.ts';
import { atLoopback, spread, withoutRepetition } from '../../../src/planner/placed-forwards.ts';

const forward = (more: Partial<Forward> = {}): Forward => ({
  host: 'any',
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
  to: 80,
  text: '80',
  ...more,
});
const host: HostView = {
  addresses: 'any',
  interfacesOf: () => [],
  addressesOn: (name) => (name === 'eth1' ? ['203.0.113.1', '203.0.113.2', '2001:db8::1'] : []),
};
const places = (one: Forward, view = host) =>
  [...spread(one, 'ip', view), ...spread(one, 'ip6', view)].map((placed) => placed.host);

test.each([
  ['any address', forward(), ['any', 'any6']],
  ['any of one family', forward({ host: '::' }), ['any6']],
  ['an address', forward({ host: '203.0.113.9' }), ['203.0.113.9']],
  ['an uplink', forward({ uplink: 'eth1' }), ['203.0.113.1', '203.0.113.2', '2001:db8::1']],
  ['an uplink that is away', forward({ uplink: 'ppp0' }), []],
])('a forward at %s', (_, one, expected) => {
  expect(places(one)).toEqual(expected);
});

test('an uplink counts more than the addresses of [host]', () => {
  expect(places(forward({ uplink: 'eth1' }), { ...host, addresses: ['203.0.113.7'] })).toHaveLength(3);
  expect(places(forward(), { ...host, addresses: ['203.0.113.7'] })).toEqual(['203.0.113.7']);
});

test('loopback is of IPv4, and of two that repeat a port the first counts', () => {
  const both = [forward({ loopback: true }), forward({ loopback: true, host: '::' })];
  expect(atLoopback({ forwards: both }, 'ip').map((one) => one.host)).toEqual(['127.0.0.1']);
  expect(atLoopback({ forwards: both }, 'ip6')).toEqual([]);
  const problems: Fault[] = [];
  const placed = [
    ...spread(forward(), 'ip', host),
    ...spread(forward({ to: 81, text: '80:81' }), 'ip', host),
  ];
  expect(withoutRepetition(placed, problems)).toHaveLength(1);
  expect(problems[0]?.problem).toBe('forward 80:81 repeats host ports of 80');
});
