import '../own-folders.ts';
import { expect } from 'vitest';
import { dhcpFacts } from '../../../src/desired/dhcp-facts.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed, recordOf } from '../records.ts';

const mac = '52:54:00:aa:bb:01';
const nic = { mac, addresses: [] };
const facts = (addresses: readonly string[], generation = 7) => {
  const list = addresses.map((address) => ({ mac, address, expires: 9_999_999_999, client: mac }));
  const around: NicSurroundings = { nic, networkFiles: [], leases: { path: '/leases', list: list as never } };
  const record = recordOf('web', { guest: { ...guestNamed('web'), nics: [nic] }, generation });
  return dhcpFacts(record, { surroundingsOf: async () => [around] });
};

test('the same leases and the same record are the same text', async () => {
  expect(await facts(['192.168.122.9'])).toBe(await facts(['192.168.122.9']));
});

test('another lease, none, or another plan of the guest is another', async () => {
  const texts = await Promise.all([
    facts(['192.168.122.9']),
    facts(['192.168.122.10']),
    facts([]),
    facts(['192.168.122.9'], 8),
  ]);
  expect(new Set(texts).size).toBe(4);
});
