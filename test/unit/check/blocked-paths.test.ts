import { expect, test } from 'vitest';
import { judgePaths, type PathFacts } from '../../../src/check/blocked-paths.ts';
import { describeFinding } from '../../../src/model/finding.ts';
import type { GuestRecord } from '../../../src/state/records.ts';

const record: GuestRecord = {
  guest: { driver: 'qemu', name: 'web', nics: [{ tap: 'vnet1', bridge: 'virbr0', addresses: [] }] },
  elements: [
    {
      kind: 'forward',
      protocol: 'tcp',
      host: 'any',
      from: 8080,
      until: 8080,
      guest: '192.168.122.41',
      to: 80,
    } as never,
  ],
  address: '192.168.122.41',
  generation: 1,
  problems: [],
  hairpinPorts: [],
  since: '',
} as unknown as GuestRecord;
const open: PathFacts = {
  links: new Map([
    ['virbr0', { up: true }],
    ['vnet1', { up: true, master: 'virbr0' }],
  ]),
  forwards: () => true,
  outside: ['eth0.2'],
  routeTo: () => 'virbr0',
  isConntrackFull: false,
};
const links = (vnet1: { up: boolean; master?: string }, up = true) =>
  new Map([
    ['virbr0', { up }],
    ['vnet1', vnet1],
  ]);
const port = { up: true, master: 'virbr0' };

test.each<readonly [string, Partial<PathFacts>, string]>([
  [
    'a bridge is down',
    { links: links(port, false) },
    'bridge virbr0: it is down (ip link set dev virbr0 up)',
  ],
  ['a bridge is gone', { links: new Map() }, 'bridge virbr0: it does not exist, and guests are on it'],
  [
    'a port left its bridge',
    { links: links({ up: true }) },
    'qemu guest "web": its interface vnet1 is not a port of bridge virbr0 (ip link set dev vnet1 master virbr0)',
  ],
  [
    'a port is down',
    { links: links({ ...port, up: false }) },
    'qemu guest "web": its interface vnet1 is down (ip link set dev vnet1 up)',
  ],
  [
    'a route is gone',
    { routeTo: () => undefined },
    'qemu guest "web": its address 192.168.122.41 is on bridge "virbr0", and the host has no route there',
  ],
  [
    'a route leads elsewhere',
    { routeTo: () => 'eth0' },
    'qemu guest "web": its address 192.168.122.41 is on bridge "virbr0", and the host sends packets there by eth0',
  ],
  [
    'one interface does not forward',
    { forwards: (name) => name !== 'eth0.2' },
    'net.ipv4.conf.eth0/2.forwarding: it is 0: the kernel forwards no packets from there (sysctl -w net.ipv4.conf.eth0/2.forwarding=1)',
  ],
  [
    'the table of connections is full',
    { isConntrackFull: true },
    'connection tracking: its table is full: the kernel drops new connections (guestgate doctor)',
  ],
  [
    'the host forwards nothing',
    { forwards: () => false },
    'net.ipv4.ip_forward: it is 0: the host forwards no packets to guests (sysctl -w net.ipv4.ip_forward=1)',
  ],
])('%s: it is named', (_, facts, message) => {
  expect(judgePaths([record], { ...open, ...facts }).map(describeFinding)).toEqual([message]);
});

test('where packets pass, nothing is named; nor for a guest without rules, nor without ip(8)', () => {
  expect(judgePaths([record], open)).toEqual([]);
  const broken = { ...open, links: links({ up: false }, false), routeTo: () => undefined };
  expect(judgePaths([{ ...record, elements: [] }], broken)).toEqual([]);
  expect(judgePaths([record], { ...open, links: undefined })).toEqual([]);
});

test('a route that is gone with its bridge is not named for each guest', () => {
  const found = judgePaths([record], { ...open, links: links(port, false), routeTo: () => undefined });
  expect(found.map(describeFinding)).toEqual(['bridge virbr0: it is down (ip link set dev virbr0 up)']);
});
