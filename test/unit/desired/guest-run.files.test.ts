import '../own-folders.ts';
import { expect } from 'vitest';
import { nextRun, runOf } from '../../../src/desired/guest-run.ts';
import type { Lease } from '../../../src/libvirt/leases.ts';
import { writeLeasesAtStart } from '../../../src/state/leases-at-start.ts';
import { writeRecord } from '../../../src/state/records.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed, recordOf } from '../records.ts';

const web = guestNamed('web');
const lease = {
  mac: '52:54:00:aa:bb:01',
  address: '192.168.122.9',
  expires: 2_000_000_000,
  client: '01:52',
} as Lease;

test('without notes of its start each lease is one of this run', () => {
  expect(runOf(web).isEarlier(lease)).toBe(false);
});

test('a lease that was there when the guest started is of an earlier run, until it is renewed', () => {
  makeState();
  writeLeasesAtStart(web, [{ mac: lease.mac, leases: [lease] }]);
  const run = runOf(web);
  expect(run.isEarlier(lease)).toBe(true);
  expect(run.isEarlier({ ...lease, expires: 2_000_003_600 })).toBe(false);
  expect(run.isKnownClient?.({ ...lease, address: '192.168.122.10' })).toBe(true);
  expect(run.isKnownClient?.({ ...lease, client: '01:99' } as Lease)).toBe(false);
});

test('the addresses that are open are those of the record, if it is of the same guest', () => {
  makeState();
  expect(runOf(web).openAddresses()).toEqual([]);
  const uuid = 'a0000000-0000-0000-0000-000000000000';
  writeRecord(recordOf('web', { guest: { ...web, uuid }, address: '192.168.122.9' }));
  expect(runOf({ ...web, uuid }).openAddresses()).toEqual(['192.168.122.9']);
  expect(runOf({ ...web, uuid: uuid.replace('a', 'b') }).openAddresses()).toEqual([]);
});

test('each lease of a guest that does not run is of an earlier run', () => {
  expect(nextRun().isEarlier(lease)).toBe(true);
  expect(nextRun().openAddresses()).toEqual([]);
});
