import { expect, test } from 'vitest';
import { bridgeFilter, judgeBridgeFilter } from '../../../src/doctor/bridge-nf.ts';
import type { DoctorContext } from '../../../src/doctor/check.ts';
import { recordOf } from '../records.ts';

test('bridged frames meet a policy of DROP', () => {
  expect(judgeBridgeFilter('1', '-P FORWARD ACCEPT')).toEqual([]);
  expect(judgeBridgeFilter('0', '-P FORWARD DROP')).toEqual([]);
  expect(judgeBridgeFilter(undefined, '-P FORWARD DROP'), 'br_netfilter is not loaded').toEqual([]);
  expect(judgeBridgeFilter('1', '-P FORWARD DROP\n-A FORWARD -j X\n').map(({ fix }) => fix)).toEqual([
    'sysctl -w net.bridge.bridge-nf-call-iptables=0',
  ]);
});

test('the policy of another chain, or a rule that looks like one, is none of FORWARD', () => {
  expect(judgeBridgeFilter('1', '-P INPUT DROP\n-P FORWARD ACCEPT\n')).toEqual([]);
  expect(
    judgeBridgeFilter('1', '-P FORWARD ACCEPT\n-A FORWARD -m comment --comment "-P FORWARD DROP"\n'),
  ).toEqual([]);
});

test('a host whose guests are all of Xen needs no look: guestgate accepts their frames there', async () => {
  const nic = { addresses: [], vif: { way: 'bridged', emulated: false } } as const;
  const records = [recordOf('web', { guest: { driver: 'libxl', name: 'web', nics: [nic] } })];
  expect(await bridgeFilter({ records } as unknown as DoctorContext)).toEqual([]);
});
