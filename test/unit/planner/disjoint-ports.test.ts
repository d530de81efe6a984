import { expect, test } from 'vitest';
import type { EgressPorts } from '../../../src/model/confinement.ts';
import { disjointEgress, disjointPorts } from '../../../src/planner/disjoint-ports.ts';

const ports = (first: number, last = first, protocol: 'tcp' | 'udp' = 'tcp') => ({
  protocol,
  ports: { first, last },
});
const to = (network: string, first: number, last = first): EgressPorts => ({
  to: network,
  ...ports(first, last),
});

test('what does not overlap stays as it is', () => {
  const entries = [to('192.0.2.0/24', 25), to('198.51.100.0/24', 443)];
  expect(disjointEgress(entries)).toEqual(entries);
  expect(disjointEgress([])).toEqual([]);
});

test('a network in another one, and a range in another one, are cut', () => {
  expect(disjointEgress([to('0.0.0.0/0', 80), to('192.0.2.0/24', 80, 90)])).toEqual([
    to('0.0.0.0/0', 80),
    to('192.0.2.0/24', 81, 90),
  ]);
  expect(disjointEgress([to('192.0.2.0/24', 1, 100), to('192.0.2.0/25', 50)])).toEqual([
    to('192.0.2.0/24', 1, 49),
    to('192.0.2.0/24', 50),
    to('192.0.2.0/24', 51, 100),
  ]);
});

test('protocols do not overlap', () => {
  const entries = [ports(53), ports(53, 53, 'udp')];
  expect(disjointPorts(entries)).toEqual(entries);
  expect(disjointPorts([ports(20, 30), ports(22), ports(22)])).toEqual([
    ports(20, 21),
    ports(22),
    ports(23, 30),
  ]);
});
