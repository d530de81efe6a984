import { expect, test } from 'vitest';
import {
  addressSources,
  isWithout,
  lacksDhcp,
  type NicSurroundings,
} from '../../../src/libvirt/address-sources.ts';
import type { LibvirtNetwork } from '../../../src/libvirt/network.ts';
import type { Guest, Nic } from '../../../src/model/guest.ts';

const mac = '52:54:00:aa:bb:01';
const nic: Nic = { mac, network: 'default', bridge: 'virbr0', addresses: [] };
const guest: Guest = { driver: 'qemu', name: 'web', nics: [nic] };
const network: LibvirtNetwork = {
  name: 'default',
  bridge: 'virbr0',
  gateways: [{ address: '192.168.122.1', network: '192.168.122.0/24' }],
  reservations: [],
};
const run = {
  now: 1000,
  isEarlier: ({ address }: { address: string }) => address.endsWith('.8'),
  openAddresses: () => [],
};
const sources = (more: Partial<NicSurroundings>, family: 'ip' | 'ip6' = 'ip') =>
  addressSources(guest, { nic, network, networkFiles: ['/n.xml'], ...more }, family, run);
const lease = (address: string, expires = 2000) => ({ mac, address, expires });

test('what counts first: the XML, a lease in use, a reservation, a lease of an earlier run', () => {
  const list = [lease('192.168.122.8'), lease('192.168.122.9')];
  expect(
    sources({ leases: { path: '/l', list } }).map(({ kind, addresses }) => [kind, ...addresses]),
  ).toEqual([['xml'], ['lease', '192.168.122.9'], ['reservation'], ['earlier-lease', '192.168.122.8']]);
});

test('a place that gives no address says so, once', () => {
  const said = (list?: ReturnType<typeof lease>[]) =>
    sources({ leases: { path: '/l', ...(list && { list }) } }).flatMap(
      ({ description }) => description ?? [],
    );
  expect(said([])).toContain('no lease in /l');
  expect(said()).toContain('no lease in /l (no such file)');
  expect(said([lease('192.168.122.9', 500)])).toContain('no lease in /l (1 expired)');
  expect(said([lease('192.168.122.9')]).some((one) => one.startsWith('no lease'))).toBe(false);
});

test('a family that the network does not have is not searched for further', () => {
  const [xml, none, ...others] = sources({ leases: { path: '/l', list: [lease('192.168.122.9')] } }, 'ip6');
  expect(xml?.kind).toBe('xml');
  expect(none?.description).toBe('network "default" has no IPv6');
  expect(others).toEqual([]);
});

test('a reservation is for the interface, or for the guest’s name where it names no interface', () => {
  const reserved = (entry: object) =>
    sources({ network: { ...network, reservations: [entry] as never } }).flatMap(({ kind, addresses }) =>
      kind === 'reservation' ? addresses : [],
    );
  const address = '192.168.122.9';
  expect(reserved({ mac, address })).toEqual([address]);
  expect(reserved({ name: 'web', address })).toEqual([address]);
  expect(reserved({ mac: '52:54:00:aa:bb:02', name: 'web', address })).toEqual([]);
  expect(reserved({ mac, address: 'fd00::9' }), 'of the other family').toEqual([]);
});

test('in IPv6 the client’s identifier may be of another interface: the name counts, too', () => {
  const dual = { ...network, gateways: [{ address: 'fd00::1', network: 'fd00::/64' }] };
  const reservations = [{ mac: '52:54:00:aa:bb:02', name: 'web', address: 'fd00::9' }];
  const found = sources({ network: { ...dual, reservations } }, 'ip6').find(
    ({ kind }) => kind === 'reservation',
  );
  expect(found?.addresses).toEqual(['fd00::9']);
});

test('why libvirt gives an interface no address', () => {
  const lacks = (more: Partial<NicSurroundings>) => lacksDhcp({ nic, networkFiles: [], ...more });
  expect(lacks({ network })).toBeUndefined();
  expect(lacks({ network: { ...network, gateways: [] } })).toBe('foreign-dhcp');
  expect(lacks({ network: { ...network, gateways: [] }, leases: { path: '/l', list: [] } })).toBeUndefined();
  expect(lacks({}), 'its network has no definition here').toBeUndefined();
  expect(lacks({ nic: { addresses: [] } })).toBe('off-host');
  expect(lacks({ nic: { bridge: 'br0', addresses: [] } })).toBe('foreign-dhcp');
  expect(lacks({ nic: { addresses: [], vif: { way: 'routed', emulated: false } } })).toBe('foreign-dhcp');
});

test('a network of which libvirt knows no address may have any family', () => {
  expect(isWithout(network, 'ip6')).toBe(true);
  expect(isWithout({ ...network, gateways: [] }, 'ip6')).toBe(false);
});
