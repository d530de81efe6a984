import { describe, expect, test } from 'vitest';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import { findAddress } from '../../../src/libvirt/find-address.ts';
import { type GuestRun, leasesOf } from '../../../src/libvirt/interface-leases.ts';
import type { Lease } from '../../../src/libvirt/leases.ts';
import type { Guest } from '../../../src/model/guest.ts';

const mac = '52:54:00:aa:bb:01';
/** 192.168.122.NUMBER, which ends at that time; without one it never ends. */
const lease = (number: number, expires?: number): Lease => ({
  mac,
  address: `192.168.122.${number}`,
  ...(expires !== undefined && { expires }),
});
const by = (client: string, one: Lease): Lease => ({ ...one, client });
/** A run at time 1000, with these leases from before its start and these addresses in the guest's record. */
const runWith = (noted: readonly Lease[], open: readonly number[] = []): GuestRun => ({
  now: 1000,
  isEarlier: ({ address, expires }) =>
    noted.some((one) => one.address === address && one.expires === expires),
  openAddresses: () => open.map((number) => `192.168.122.${number}`),
});
const numbers = (leases: readonly Lease[]) => leases.map(({ address }) => Number(address.split('.')[3]));

describe('the leases of an interface', () => {
  test.each<[string, Lease[], GuestRun, { inUse: number[]; earlier: number[]; expired: number }]>([
    [
      'as it was before the start: of an earlier run',
      [lease(30, 2000)],
      runWith([lease(30, 2000)]),
      { inUse: [], earlier: [30], expired: 0 },
    ],
    [
      'renewed since, or new: in use',
      [lease(30, 3000), lease(31, 2500)],
      runWith([lease(30, 2000)]),
      { inUse: [30, 31], earlier: [], expired: 0 },
    ],
    ['ended: not used', [lease(30, 1000)], runWith([]), { inUse: [], earlier: [], expired: 1 }],
    [
      'several in use: the one that the guest has, then the newest',
      [lease(30, 2000), lease(31, 4000), lease(32, 3000)],
      runWith([], [30]),
      { inUse: [30, 31, 32], earlier: [], expired: 0 },
    ],
    [
      'several in use, and the guest has none of them: the newest first',
      [lease(30, 2000), lease(31, 3000)],
      runWith([], [60]),
      { inUse: [31, 30], earlier: [], expired: 0 },
    ],
    [
      'the one that the guest has is of an earlier run, and the one in use of another client: the guest keeps it',
      [by('01:52', lease(30, 2000)), by('ff:00', lease(31, 4000))],
      runWith([lease(30, 2000)], [30]),
      { inUse: [30, 31], earlier: [], expired: 0 },
    ],
    [
      'a client without an identifier is another one, too',
      [lease(30, 2000), by('ff:00', lease(31, 4000))],
      runWith([lease(30, 2000)], [30]),
      { inUse: [30, 31], earlier: [], expired: 0 },
    ],
    [
      'several other clients are in use: the guest keeps it all the same',
      [by('01:52', lease(30, 2000)), by('ff:00', lease(31, 4000)), by('ff:01', lease(32, 5000))],
      runWith([lease(30, 2000)], [30]),
      { inUse: [30, 32, 31], earlier: [], expired: 0 },
    ],
    [
      'beside another client, one that asked before the start has asked again: it is the guest',
      [by('01:52', lease(30, 2000)), by('01:53', lease(31, 4000)), by('ff:01', lease(32, 5000))],
      { ...runWith([lease(30, 2000)], [30]), isKnownClient: ({ client }) => client === '01:53' },
      { inUse: [31, 32], earlier: [30], expired: 0 },
    ],
    [
      'of the same client, the one in use counts',
      [by('01:52', lease(30, 2000)), by('01:52', lease(31, 4000))],
      runWith([lease(30, 2000)], [30]),
      { inUse: [31], earlier: [30], expired: 0 },
    ],
    [
      'the one that the guest has has ended: another client’s counts',
      [by('01:52', lease(30, 900)), by('ff:00', lease(31, 4000))],
      runWith([lease(30, 900)], [30]),
      { inUse: [31], earlier: [], expired: 1 },
    ],
    [
      'two that end together: the file has the newer one last',
      [lease(30, 2000), lease(31, 2000)],
      runWith([]),
      { inUse: [31, 30], earlier: [], expired: 0 },
    ],
    [
      'one that never ends is in use if the guest has its address',
      [lease(30), lease(31)],
      runWith([lease(30), lease(31)], [30]),
      { inUse: [30], earlier: [31], expired: 0 },
    ],
    [
      'one that ends is not, though the guest has its address: it has not asked yet',
      [lease(30, 2000)],
      runWith([lease(30, 2000)], [30]),
      { inUse: [], earlier: [30], expired: 0 },
    ],
  ])('%s', (_, leases, run, expected) => {
    const { inUse, earlier, expired } = leasesOf(mac, 'ip', leases, run);
    expect({ inUse: numbers(inUse), earlier: numbers(earlier), expired }).toEqual(expected);
  });

  test('those of other interfaces and of the other family are left out', () => {
    const others = [
      { ...lease(30, 2000), mac: '52:54:00:00:00:00' },
      { mac, address: 'fd00:122::9' },
    ];
    expect(leasesOf(mac, 'ip', others, runWith([]))).toEqual({ inUse: [], earlier: [], expired: 0 });
    expect(leasesOf(mac, 'ip6', others, runWith([])).inUse).toEqual([{ mac, address: 'fd00:122::9' }]);
    expect(leasesOf(undefined, 'ip', others, runWith([])).inUse).toEqual([]);
  });
});

describe('lease or reservation', () => {
  const nic = { mac, network: 'default', bridge: 'virbr0', addresses: [] };
  const guest: Guest = { driver: 'qemu', name: 'web', nics: [nic] };
  const reservedLater = lease(60).address;
  const around = (
    list: readonly Lease[],
    reserved: readonly string[] = [reservedLater],
  ): NicSurroundings[] => [
    {
      nic,
      network: {
        name: 'default',
        bridge: 'virbr0',
        gateways: [{ address: '192.168.122.1', network: '192.168.122.0/24' }],
        reservations: reserved.map((address) => ({ mac, address })),
      },
      networkFiles: ['/n.xml'],
      leases: { path: '/b.status', list },
    },
  ];
  const find = (list: readonly Lease[], run: GuestRun, reserved?: readonly string[]) =>
    findAddress(guest, undefined, around(list, reserved), 'ip', run);

  test('a lease of this run is what the guest has; the reservation is reported', () => {
    expect(find([lease(200, 2000)], runWith([]))).toEqual({
      address: '192.168.122.200',
      nic,
      source: 'the lease in /b.status',
      byDhcp: true,
      reserved: reservedLater,
    });
  });

  test('one of an earlier run is not: DHCP will give the reservation', () => {
    const stale = [lease(200, 2000)];
    const found = find(stale, runWith(stale, [200]));
    expect(found).toEqual({ address: reservedLater, nic, source: 'a DHCP reservation', byDhcp: true });
    expect(find(stale, runWith(stale), [])).toMatchObject({ address: '192.168.122.200', byDhcp: true });
  });

  test('a lease of the reserved address agrees with it, also with one of two reservations', () => {
    for (const reserved of [['192.168.122.200'], [reservedLater, '192.168.122.200']])
      expect(find([lease(200, 2000)], runWith([]), reserved)).not.toHaveProperty('reserved');
  });

  test('a lease that the guest cannot have is refused, and the reservation counts', () => {
    expect(find([lease(1, 2000)], runWith([]))).toMatchObject({ address: reservedLater });
    expect(find([lease(200, 2000), lease(1, 3000)], runWith([]))).not.toHaveProperty('otherLeases');
  });

  test('several leases in use are reported with the one that counts', () => {
    expect(find([lease(200, 2000), lease(201, 3000)], runWith([], [200]), [])).toMatchObject({
      address: '192.168.122.200',
      otherLeases: ['192.168.122.201'],
    });
  });

  test('a reservation on a network whose leases this host does not have needs no following', () => {
    const [{ leases: _, ...elsewhere } = {}] = around([]);
    const surroundings = [elsewhere as NicSurroundings];
    expect(findAddress(guest, undefined, surroundings, 'ip', runWith([]))).not.toHaveProperty('byDhcp');
  });
});
