import { expect, test } from 'vitest';
import { uplinksOf } from '../../../src/doctor/uplinks.ts';

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
