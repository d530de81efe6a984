import { expect, test } from 'vitest';
import { type NamespaceOptions, readNamespaceRequest } from '../../../src/netns/read-request.ts';

const read = (options: Partial<NamespaceOptions>, name = 'web') =>
  readNamespaceRequest(name, { address: ['10.200.1.2/24'], gateway: [], dns: [], ...options });
const base = {
  name: 'web',
  addresses: [{ address: '10.200.1.2', prefix: 24 }],
  link: { kind: 'own' },
  gateways: [],
  dns: [],
};

test.each<[string, Partial<NamespaceOptions>, object]>([
  ['a link of its own has nat', {}, { ...base, nat: true }],
  ['unless it is not wanted', { nat: false }, base],
  ['a bridge has none', { bridge: 'br0' }, { ...base, link: { kind: 'bridge', bridge: 'br0' } }],
  [
    'unless it is wanted',
    { bridge: 'br0', nat: true },
    { ...base, link: { kind: 'bridge', bridge: 'br0' }, nat: true },
  ],
  ['an uplink is a macvlan', { uplink: 'eth0' }, { ...base, link: { kind: 'macvlan', uplink: 'eth0' } }],
  ['or a VLAN', { uplink: 'eth0', vlan: 20 }, { ...base, link: { kind: 'vlan', uplink: 'eth0', vlan: 20 } }],
  [
    'gateways, name servers, MAC address',
    { gateway: ['10.200.1.1', 'FD00::1'], dns: ['192.0.2.1'], mac: '02:AA:00:00:00:01' },
    {
      ...base,
      gateways: ['10.200.1.1', 'fd00::1'],
      dns: ['192.0.2.1'],
      mac: '02:aa:00:00:00:01',
      nat: true,
    },
  ],
])('%s', (_, options, expected) => {
  expect(read(options)).toEqual(expected);
});

test.each<[Partial<NamespaceOptions>, string, string?]>([
  [{ address: [] }, 'it needs an address'],
  [{ address: ['10.200.1.2'] }, 'invalid address "10.200.1.2"'],
  [{ address: ['10.200.1.2/33'] }, 'invalid address "10.200.1.2/33"'],
  [{ address: ['10.200.1.2/0'] }, 'invalid address "10.200.1.2/0"'],
  [{ address: ['224.0.0.1/24'] }, 'invalid address "224.0.0.1/24"'],
  [{ address: ['fe80::2/64'] }, 'invalid address "fe80::2/64"'],
  [{ gateway: ['0.0.0.0'] }, 'invalid gateway "0.0.0.0"'],
  [{ gateway: ['10.200.1.1', '10.200.1.3'] }, 'one gateway of each family'],
  [{ dns: ['dns.example'] }, 'invalid name server "dns.example"'],
  [{ mac: '03:00:00:00:00:01' }, 'invalid MAC address "03:00:00:00:00:01"'],
  [{ bridge: 'a b' }, 'invalid interface name "a b"'],
  [{ bridge: 'a#b' }, 'invalid interface name "a#b"'],
  [{ bridge: 'br0', uplink: 'eth0' }, 'not both'],
  [{ vlan: 20 }, '--vlan and --macvlan need'],
  [{ uplink: 'eth0', vlan: 20, macvlan: true }, 'use --vlan or --macvlan'],
  [{ uplink: 'eth0', vlan: 4095 }, 'invalid VLAN 4095'],
  [{}, 'invalid name', '../web'],
  [{}, 'invalid name', '-web'],
  [{}, 'invalid name', 'a'.repeat(65)],
])('%j: %s', (options, message, name) => {
  expect(() => read(options, name)).toThrow(message);
});

test('all mistakes are named together', () => {
  expect(() => read({ address: ['x'], bridge: 'a b', dns: ['y'] })).toThrow(
    /address.*name server.*interface/,
  );
});
