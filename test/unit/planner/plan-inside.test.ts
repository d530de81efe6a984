import { expect, test } from 'vitest';
import type { Nic } from '../../../src/model/guest.ts';
import { planInside, planRoaming } from '../../../src/planner/plan-inside.ts';
import { forwardOf } from '../records.ts';

const nic = (more: Partial<Nic>): Nic => ({ addresses: [], ...more });

test('ports without a bridge are inside, in each family', () => {
  expect(planInside([nic({ tap: 'tap1' })], ['ip', 'ip6'])).toEqual([
    { kind: 'inside', interface: 'tap1' },
    { kind: 'inside', interface: 'tap1', family: 'ip6' },
  ]);
});

test.each([
  ['on a bridge', { tap: 'vnet1', bridge: 'br0' }],
  ["on libvirt's network, whose bridge is not known yet", { tap: 'vnet1', network: 'default' }],
  ['without a port, as before the start', {}],
  ['on Open vSwitch', { tap: 'vif1.0', vif: { way: 'switched', emulated: false } }],
  ['whose name no rule can hold', { tap: 'vif"1' }],
] as const)('not those %s', (_, more) => {
  expect(planInside([nic(more)], ['ip'])).toEqual([]);
});

test('the addresses of a guest with several interfaces roam, each once', () => {
  const [web, dns] = [forwardOf(80), forwardOf(53)];
  const one = nic({ network: 'default' });
  expect(planRoaming([one], [web, dns])).toEqual([]);
  expect(planRoaming([one, nic({ network: 'dmz' })], [web, dns])).toEqual([
    { kind: 'roaming', guest: '192.168.122.41' },
  ]);
});
