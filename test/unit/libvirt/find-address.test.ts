import { describe, expect, test } from 'vitest';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import { findAddress } from '../../../src/libvirt/find-address.ts';
import type { GuestRun } from '../../../src/libvirt/interface-leases.ts';
import type { Lease } from '../../../src/libvirt/leases.ts';
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
const lease = (address: string, expires: number, of = mac): Lease => ({ mac: of, address, expires });
/** Before the guest starts: each lease is of an earlier run. */
const next: GuestRun = { now: 1000, isEarlier: () => true, openAddresses: () => [] };
const around = (more: Partial<NicSurroundings> = {}): NicSurroundings[] => [
  {
    nic,
    network,
    networkFiles: ['/n.xml'],
    hostsFile: { path: '/n.hostsfile' },
    leases: { path: '/b.status' },
    ...more,
  },
];
const find = (surroundings: readonly NicSurroundings[], given?: string) =>
  findAddress(guest, given, surroundings, 'ip', next);

describe('where an address is found, the first that says one', () => {
  const hostsFile = { path: '/n.hostsfile', entries: [{ mac, name: 'web', address: '192.168.122.12' }] };
  const leases = { path: '/b.status', list: [lease('192.168.122.13', 2000)] };
  const reserved = { ...network, reservations: [{ mac, address: '192.168.122.11' }] };
  const inXml = { ...nic, addresses: ['192.168.122.10'] };

  test.each([
    [
      'the policy',
      around({ nic: inXml, network: reserved, hostsFile, leases }),
      '192.168.122.9',
      '192.168.122.9',
      'the policy',
    ],
    [
      'the domain XML',
      around({ nic: inXml, network: reserved, hostsFile, leases }),
      undefined,
      '192.168.122.10',
      'the domain XML',
    ],
    [
      'a reservation',
      around({ network: reserved, hostsFile, leases }),
      undefined,
      '192.168.122.11',
      'a DHCP reservation',
    ],
    ['the hosts file', around({ hostsFile, leases }), undefined, '192.168.122.12', '/n.hostsfile'],
    ['a lease', around({ leases }), undefined, '192.168.122.13', 'the lease in /b.status'],
  ])('%s', (_, surroundings, given, address, source) =>
    expect(find(surroundings, given)).toMatchObject({ address, source }),
  );
});

test('a reservation by name counts only without a MAC address, and only for that guest', () => {
  const reservations = [
    { mac: '52:54:00:00:00:00', name: 'web', address: '192.168.122.20' },
    { name: 'other', address: '192.168.122.21' },
    { name: 'web', address: '192.168.122.22' },
  ];
  expect(find(around({ network: { ...network, reservations } }))).toMatchObject({
    address: '192.168.122.22',
  });
});

test('of several leases the one that ends last counts; those that ended, and others’, do not', () => {
  const list = [
    lease('192.168.122.30', 999),
    lease('192.168.122.31', 1500),
    lease('192.168.122.32', 3000),
    lease('192.168.122.33', 9000, '52:54:00:00:00:00'),
  ];
  expect(find(around({ leases: { path: '/b', list } }))).toMatchObject({ address: '192.168.122.32' });
  expect(find(around({ leases: { path: '/b', list: [lease('192.168.122.30', 999)] } }))).toEqual({
    tried: [
      'the domain XML gives no <ip address=>',
      `no DHCP reservation for ${mac} in /n.xml`,
      'no entry in /n.hostsfile (no such file)',
      'no lease in /b (1 expired)',
    ],
    refused: false,
  });
});

test.each([
  ['10.0.0.5', /outside 192\.168\.122\.0\/24 \(network "default"\)/],
  ['192.168.122.1', /the host's own/],
  ['192.168.122.0', /network or broadcast address/],
  ['192.168.122.255', /network or broadcast address/],
])('%s is refused, wherever it comes from', (address, why) => {
  const list = [lease(address, 2000)];
  const found = find(around({ leases: { path: '/b', list } }));
  expect(found).toMatchObject({ refused: true });
  expect('tried' in found && found.tried.join()).toMatch(why);
  expect(find(around(), address)).toMatchObject({ refused: true });
});

test('a refused candidate does not hide a good one', () => {
  const hostsFile = { path: '/h', entries: [{ mac, address: '10.9.9.9' }] };
  const leases = { path: '/b', list: [lease('192.168.122.13', 2000)] };
  expect(find(around({ hostsFile, leases }))).toMatchObject({ address: '192.168.122.13' });
});

test('of several interfaces the first with an address counts; a given one must fit one of them', () => {
  const second: NicSurroundings = {
    nic: { ...nic, addresses: ['10.0.0.5'] },
    network: { ...network, name: 'other', gateways: [{ address: '10.0.0.1', network: '10.0.0.0/24' }] },
    networkFiles: [],
  };
  expect(find([...around(), second])).toMatchObject({ address: '10.0.0.5' });
  expect(find([...around(), second], '10.0.0.9')).toMatchObject({ address: '10.0.0.9' });
  expect(find([...around(), second], '10.1.0.9')).toMatchObject({ refused: true });
});

test('that the XML gives no address is reported once for all interfaces, and for one where another has some', () => {
  const other = { ...nic, mac: '52:54:00:aa:bb:02' };
  const bare = (one: Nic): NicSurroundings => ({ nic: one, network, networkFiles: [] });
  const none = 'the domain XML gives no <ip address=>';
  expect(find([bare(nic), bare(other)])).toEqual({ tried: [none], refused: false });
  const outside = { ...other, addresses: ['10.0.0.1'] };
  expect(find([bare(nic), bare(outside)])).toMatchObject({
    tried: [`${none} for ${mac}`, expect.stringContaining('10.0.0.1, which is outside')],
  });
});

test('without a network every address fits; without an interface none is known', () => {
  expect(find([{ nic, networkFiles: [] }], '203.0.113.5')).toMatchObject({ address: '203.0.113.5' });
  expect(find([], '203.0.113.5')).toMatchObject({ address: '203.0.113.5' });
  expect(find([])).toEqual({
    tried: ['the domain XML has no <interface>'],
    refused: false,
    noInterface: true,
  });
});

describe('IPv6', () => {
  const both: LibvirtNetwork = {
    ...network,
    gateways: [...network.gateways, { address: 'fd00:122::1', network: 'fd00:122::/64' }],
  };
  const find6 = (more: Partial<NicSurroundings>, given?: string) =>
    findAddress(guest, given, around({ network: both, ...more }), 'ip6', next);

  test.each<[string, Partial<NicSurroundings>, string]>([
    ['the domain XML', { nic: { ...nic, addresses: ['192.168.122.9', 'fd00:122::9'] } }, 'fd00:122::9'],
    [
      'a reservation by the interface',
      {
        network: {
          ...both,
          reservations: [
            { mac, address: '192.168.122.9' },
            { mac, address: 'fd00:122::9' },
          ],
        },
      },
      'fd00:122::9',
    ],
    [
      'a reservation by name, though the identifier is of another interface',
      {
        network: {
          ...both,
          reservations: [{ mac: '52:54:00:00:00:00', name: 'web', address: 'fd00:122::9' }],
        },
      },
      'fd00:122::9',
    ],
    [
      'the hosts file',
      { hostsFile: { path: '/h', entries: [{ mac, address: 'fd00:122::9' }] } },
      'fd00:122::9',
    ],
    [
      'a lease',
      {
        leases: {
          path: '/b',
          list: [lease('192.168.122.9', 2000), lease('fd00:122::9', 2000)],
        },
      },
      'fd00:122::9',
    ],
  ])('%s', (_, more, address) => expect(find6(more)).toMatchObject({ address }));

  test('it must lie in the network, and others must be able to reach it', () => {
    const leases = { path: '/b', list: [lease('fd00:123::9', 2000)] };
    expect(find6({ leases })).toMatchObject({ refused: true });
    expect(find6({}, 'fd00:122::1')).toMatchObject({ refused: true });
    expect(find6({ nic: { ...nic, addresses: ['fe80::9'] } })).toMatchObject({ refused: true });
  });

  test('a network that has none of it gives none, and says so', () => {
    const list = [lease('fd00:122::9', 2000)];
    expect(find6({ network, leases: { path: '/b', list } })).toEqual({
      tried: ['the domain XML gives no <ip address=>', 'network "default" has no IPv6'],
      refused: false,
      impossible: true,
    });
  });
});
