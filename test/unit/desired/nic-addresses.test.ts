import { expect, test } from 'vitest';
import { nicAddresses } from '../../../src/desired/nic-addresses.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import type { Guest } from '../../../src/model/guest.ts';

const guest: Guest = { driver: 'qemu', name: 'web', nics: [] };
const run = { now: 0, isEarlier: () => false, openAddresses: () => [] };
const around = (mac: string, addresses: readonly string[]): NicSurroundings => ({
  nic: { mac, bridge: 'virbr0', addresses },
  leases: { path: '', list: [] },
  networkFiles: [],
});
const [first, second] = ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02'];

test('the addresses of interfaces for which none is known yet', () => {
  const all = [around(first, ['192.0.2.1']), around(second, ['192.0.2.2'])];
  const found = [{ address: '192.0.2.9', source: '', mac: first }];
  expect(nicAddresses(guest, { found }, all, run, ['ip'])).toMatchObject({
    addresses: ['192.0.2.2'],
    unknown: [],
  });
  expect(nicAddresses(guest, { found: [] }, all, run, ['ip']).addresses).toEqual(['192.0.2.1', '192.0.2.2']);
});

test('what a lease may give later is unknown now', () => {
  expect(nicAddresses(guest, { found: [] }, [around(first, [])], run, ['ip'])).toEqual({
    addresses: [],
    unknown: ['ip'],
    byLease: true,
  });
});
