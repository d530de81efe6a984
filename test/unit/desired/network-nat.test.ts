import { expect, test } from 'vitest';
import { ofPolicy, withStanding } from '../../../src/desired/network-nat.ts';

const nat = {
  kind: 'network-nat',
  network: '192.168.122.0/24',
  interface: 'eth0',
  address: '203.0.113.9',
} as const;
const gateway = { kind: 'gateway', address: '192.168.122.1' } as const;
const absent = { kind: 'absent', address: '203.0.113.9', guest: 'web' } as const;

test('of the elements of a network, its policy asks for the source addresses alone', () => {
  expect(ofPolicy([gateway, nat])).toEqual([nat]);
  expect(ofPolicy()).toEqual([]);
});

test('networks whose elements all wait for a guest are left out, the others stay whole', () => {
  expect(withStanding({ default: [gateway], dmz: [gateway, nat], absent: [absent], empty: [] })).toEqual({
    dmz: [gateway, nat],
    absent: [absent],
  });
});
