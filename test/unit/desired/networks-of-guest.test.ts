import { expect, test } from 'vitest';
import type { Reading } from '../../../src/desired/host-reading.ts';
import { elementsOf, networksOf } from '../../../src/desired/networks-of-guest.ts';
import type { LibvirtNetwork } from '../../../src/libvirt/network.ts';

const reading = {
  elementsOf: ({ name }: LibvirtNetwork) => [{ kind: 'hairpin', bridge: name }],
  bridgeFacts: () => ({ own: [{ interface: 'br0', address: '10.0.0.1' }], uplinks: [] }),
} as unknown as Reading;
const network = (name: string, gateways: readonly object[] = []) =>
  ({ name, gateways, reservations: [] }) as unknown as LibvirtNetwork;
const around = { networkFiles: [] };

test('each network has its elements by its name', () => {
  const found = elementsOf(new Map([['default', network('default')]]), reading, ['ip']);
  expect(Object.entries(found)).toEqual([['default', [{ kind: 'hairpin', bridge: 'default' }]]]);
});

test('a bridge on which libvirt gives no addresses has elements of its own', () => {
  const bridged = { ...around, nic: { bridge: 'br0', addresses: [] } };
  expect(Object.keys(networksOf([bridged], reading, ['ip']))).toEqual(['bridge br0']);
  const given = { ...bridged, network: network('default', [{}]) };
  expect(Object.keys(networksOf([given], reading, ['ip']))).toEqual(['default']);
});
