import { describe, expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { isGuest, isGuestElement, isNetworkElement } from '../../../src/model/element-shape.ts';
import { forwardOf } from '../records.ts';

/* What records hold becomes text for nft: what another version, or a hand, wrote there is checked first. */

const ports = { protocol: 'tcp', ports: { first: 22, last: 22 } } as const;
const guest = '192.168.122.41';

test.each<Element>([
  forwardOf(80),
  { kind: 'one-to-one', host: '203.0.113.10', guest },
  { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.10' },
  { kind: 'source-filter', claim: { host: 'any6', ...ports }, from: ['::/0'] },
  { kind: 'source-filter', claim: { host: '203.0.113.10' }, from: [] },
  { kind: 'open', guest, ...ports },
  { kind: 'open-source-filter', guest, ...ports, from: ['198.51.100.0/24'] },
  { kind: 'rate-limit', at: { host: 'any', ...ports }, rate: { connections: 2, per: 'hour' } },
  { kind: 'connection-limit', at: { guest, ...ports }, connections: 5 },
  { kind: 'vif', port: 'vif1.0', way: 'routed', sources: [], isolated: true },
  { kind: 'vif', port: 'vnet0', way: 'bridged', closed: 'all', unaccepted: true },
  { kind: 'confined', guest, access: 'host' },
  { kind: 'confined', guest, access: 'inbound', egress: [{ to: '0.0.0.0/0', ...ports }], opened: [ports] },
])('is an element of a guest: %j', (element) => {
  expect(isGuestElement(element)).toBe(true);
  expect(isNetworkElement(element)).toBe(false);
});

test.each<Element>([
  { kind: 'hairpin', bridge: 'virbr0' },
  { kind: 'hairpin', bridge: 'virbr0', family: 'ip6' },
  { kind: 'gateway', address: '192.168.122.1' },
  { kind: 'restricted' },
  { kind: 'outside', interface: 'eth0' },
  { kind: 'network-nat', network: '192.168.122.0/24', interface: 'eth0', address: '203.0.113.10' },
  { kind: 'absent', address: '203.0.113.10', guest: 'a "name"; of any kind' },
])('is an element of a network: %j', (element) => {
  expect(isNetworkElement(element)).toBe(true);
  expect(isGuestElement(element)).toBe(false);
});

describe('is no element:', () => {
  test.each([
    ['nothing', null],
    ['a kind that is not known', { ...forwardOf(80), kind: 'mirror' }],
    ['a kind that every object has', { kind: 'constructor' }],
    ['rules in an address', forwardOf(80, { guest: '1.1.1.1; flush ruleset' })],
    [
      'rules in the name of an interface',
      { kind: 'source-nat', guest, interface: 'eth0" drop', address: guest },
    ],
    ['an address that is none of those words', forwardOf(80, { host: 'anywhere' })],
    ['a port beyond 65535', forwardOf(65_536)],
    ['half a port', forwardOf(80.5)],
    ['a negative port', { ...forwardOf(80), to: -1 }],
    ['a protocol without ports', { ...forwardOf(80), protocol: 'icmp' }],
    ['a missing field', { kind: 'one-to-one', host: '203.0.113.10' }],
    [
      'half a claim of ports',
      { kind: 'source-filter', claim: { host: '203.0.113.10', protocol: 'tcp' }, from: [] },
    ],
    ['a whole address that is any', { kind: 'source-filter', claim: { host: 'any' }, from: [] }],
    [
      'a prefix of four digits',
      { kind: 'source-filter', claim: { host: '203.0.113.10' }, from: ['1.1.1.1/1000'] },
    ],
    [
      'a rate of another time',
      { kind: 'rate-limit', at: { guest, ...ports }, rate: { connections: 1, per: 'day' } },
    ],
    ['a flag that is not true', { kind: 'vif', port: 'vif1.0', way: 'bridged', isolated: 'yes' }],
    ['a port of Open vSwitch', { kind: 'vif', port: 'vif1.0', way: 'switched' }],
  ])('%s', (_, value) => {
    expect(isGuestElement(value)).toBe(false);
    expect(isNetworkElement(value)).toBe(false);
  });
});

test.each([
  [
    'a guest',
    { driver: 'libxl', name: 'a "b"', nics: [{ addresses: [], vif: { way: 'switched', emulated: false } }] },
    true,
  ],
  ['without interfaces', { driver: 'qemu', name: 'web' }, false],
  ['of another driver', { driver: 'bhyve', name: 'web', nics: [] }, false],
  [
    'an interface without addresses',
    { driver: 'qemu', name: 'web', nics: [{ mac: '52:54:00:00:00:01' }] },
    false,
  ],
])('%s', (_, value, expected) => {
  expect(isGuest(value)).toBe(expected);
});
