import { expect, test } from 'vitest';
import { gatewaysOf, ownGateway } from '../../../src/netns/gateways.ts';

const facts = {
  interfaceKind: () => undefined,
  held: [{ interface: 'br0', address: '192.168.5.1' }],
  routers: [{ interface: 'eth0', address: '203.0.113.1' }],
  machine: 'machine',
};
const at = (address: string) => ({ addresses: [{ address, prefix: 24 }], gateways: [] });

test('a router that was given counts; else the host, or the router that the host uses there', () => {
  expect(gatewaysOf({ ...at('10.1.0.2'), gateways: ['10.1.0.9'], link: { kind: 'own' } }, facts)).toEqual([
    '10.1.0.9',
  ]);
  expect(gatewaysOf({ ...at('10.1.0.2'), link: { kind: 'own' } }, facts)).toEqual(['10.1.0.1']);
  expect(gatewaysOf({ ...at('192.168.5.7'), link: { kind: 'bridge', bridge: 'br0' } }, facts)).toEqual([
    '192.168.5.1',
  ]);
  expect(gatewaysOf({ ...at('203.0.113.7'), link: { kind: 'macvlan', uplink: 'eth0' } }, facts)).toEqual([
    '203.0.113.1',
  ]);
  expect(
    gatewaysOf({ ...at('203.0.113.7'), link: { kind: 'vlan', uplink: 'eth0', vlan: 20 } }, facts),
  ).toEqual([]);
});

test('the first address of a network is not its own router', () => {
  expect(ownGateway({ address: '10.1.0.1', prefix: 24 })).toBe('10.1.0.2');
});
