import { expect, test } from 'vitest';
import { defaultRouteInterfaces, uplinksOf } from '../../../src/doctor/uplinks.ts';

const own = [
  { interface: 'eth0', address: '192.168.1.2' },
  { interface: 'eth1', address: '203.0.113.1' },
  { interface: 'br0', address: '203.0.113.33' },
];

test.each([
  ['those of [host]', { configured: ['ppp0'], defaultRoutes: ['eth0'], own, inside: [] }, ['ppp0']],
  [
    'those with a default route or a public address, but for guests',
    { configured: undefined, defaultRoutes: ['eth0'], own, inside: ['br0'] },
    ['eth0', 'eth1'],
  ],
  ['none without a default route', { configured: undefined, defaultRoutes: [], own, inside: [] }, []],
])('uplinks are %s', (_, facts, expected) => {
  expect(uplinksOf(facts)).toEqual(expected);
});

test('default routes of every table count, and each way of one that has several', () => {
  const routes = [
    { dst: 'default', dev: 'eth0' },
    { dst: 'default', dev: 'eth0' },
    { dst: 'default', nexthops: [{ dev: 'ppp0' }, { dev: 'ppp1' }] },
    { dst: 'default', dev: 'lo', type: 'unreachable' },
    { dst: '10.0.0.0/8', dev: 'virbr0' },
  ];
  expect(defaultRouteInterfaces(routes)).toEqual(['eth0', 'ppp0', 'ppp1']);
});
