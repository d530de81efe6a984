import { expect, test } from 'vitest';
import { verifiedAddresses, withVerifiedOnly } from '../../../src/desired/verified-addresses.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import type { Guest } from '../../../src/model/guest.ts';

const mac = '52:54:00:aa:bb:01';
const nic = { mac, bridge: 'virbr0', addresses: ['192.168.122.41'] };
const guest: Guest = { driver: 'lxc', name: 'web', nics: [nic] };
const network = {
  name: 'default',
  bridge: 'virbr0',
  gateways: [{ address: '192.168.122.1', network: '192.168.122.0/24' }],
  reservations: [],
} as unknown as NonNullable<NicSurroundings['network']>;
const verified = (around: Partial<NicSurroundings>) =>
  verifiedAddresses(guest, [{ nic, networkFiles: ['n.xml'], ...around }], {
    now: 0,
    isEarlier: () => false,
    openAddresses: () => [],
  });

test('the description counts within a network of libvirt, not on another bridge', () => {
  expect(verified({ network })).toEqual(['192.168.122.41']);
  expect(verified({})).toEqual([]);
});

test('the description does not count where DHCP gives its address to another guest', () => {
  const reserved = (of: string) => ({ ...network, reservations: [{ mac: of, address: '192.168.122.41' }] });
  expect(verified({ network: reserved('52:54:00:aa:bb:02') })).toEqual([]);
  expect(verified({ network: reserved(mac) })).toEqual(['192.168.122.41']);
});

test('the address of the gateway is never that of a guest', () => {
  expect(verified({ network: { ...network, reservations: [{ mac, address: '192.168.122.1' }] } })).toEqual([
    '192.168.122.41',
  ]);
});

test('only what is verified stays in the surroundings', () => {
  const [around] = withVerifiedOnly([{ nic, networkFiles: [] }], () => false);
  expect(around?.nic).toEqual({ ...nic, addresses: [] });
});
