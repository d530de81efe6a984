import { expect, test } from 'vitest';
import type { Guest } from '../../../src/model/guest.ts';
import { withHostSource } from '../../../src/planner/host-source.ts';
import type { HostView } from '../../../src/planner/host-view.ts';
import { notingUplinks } from '../../../src/planner/noting-uplinks.ts';

const guest: Guest = {
  driver: 'local',
  name: 'web',
  nat: true,
  nics: [{ addresses: ['10.200.1.2', 'fd00:200::2'] }],
};
const host: HostView = {
  addresses: 'any',
  interfacesOf: () => ['eth0'],
  addressesOn: () => ['203.0.113.10', '203.0.113.11', 'fd00::10', '2001:db8::10'],
};

test('it leaves with the first address of the public side, in each family that it has', () => {
  expect(withHostSource(guest, {}, host).snat).toEqual(['203.0.113.10', '2001:db8::10']);
  const one = { ...guest, nics: [{ addresses: ['10.200.1.2'] }] };
  expect(withHostSource(one, {}, host).snat).toEqual(['203.0.113.10']);
  expect(withHostSource({ ...guest, nics: [] }, { addresses: ['fd00:200::2'] }, host).snat).toEqual([
    '2001:db8::10',
  ]);
});

test('what the policy names counts, family by family', () => {
  expect(withHostSource(guest, { snat: ['203.0.113.11'] }, host).snat).toEqual([
    '203.0.113.11',
    '2001:db8::10',
  ]);
  const policy = { publicAddresses: ['203.0.113.12', '2001:db8::12'] };
  expect(withHostSource(guest, policy, host)).toBe(policy);
});

test('a guest that did not ask for it, and a host without an uplink, change nothing', () => {
  const { nat: _, ...other } = guest;
  expect(withHostSource(other, {}, host)).toEqual({});
  const away = { ...host, interfacesOf: () => [] };
  expect(withHostSource(guest, {}, away)).toEqual({});
});

test('an IPv6 host without a global address uses its unique local one', () => {
  const local = { ...host, addressesOn: () => ['fd00::10'] };
  expect(withHostSource(guest, {}, local).snat).toEqual(['fd00::10']);
});

test('the plan depends on what it was answered: it is made again when the uplink comes or changes', () => {
  const noted = notingUplinks({
    ...host,
    interfacesOf: (address) => (address === '0.0.0.0' ? ['eth0'] : []),
  });
  withHostSource(guest, {}, noted.view);
  expect(noted.uplinks).toEqual({ '0.0.0.0': ['eth0'], '::': [] });
  expect(Object.keys(noted.uplinkAddresses)).toEqual(['eth0']);
});
