import { expect, test } from 'vitest';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { weightOf } from '../../../src/policy/kernel-work.ts';

const numbers = (count: number, step = 1) => Array.from({ length: count }, (_, at) => 1000 + step * at);
const ports = (count: number) => numbers(count).map((port) => `${port}`);
const networks = (count: number) =>
  Array.from({ length: count }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);

test.each<[string, Record<string, unknown>, number]>([
  ['single ports and shifted ranges nothing', { forward: [...ports(100), '9000-9099:80'], open: ['22'] }, 0],
  ['each range one', { forward: numbers(50, 3).map((first) => `${first}-${first + 1}`) }, 50],
  [
    'ports with sources by themselves and by the sources',
    { forward: ports(40), allow_from: ['10.0.0.0/8'] },
    57,
  ],
  ['many sources of one port little', { forward: ['80'], allow_from: networks(10_000) }, 101],
  ['ports with sources of their own', { forward: [{ port: 80, from: networks(4) }, '81'] }, 3],
  [
    'limits and masquerade, too',
    { forward: [{ port: 80, rate: '1/second', connections: 3 }], masquerade: true },
    2,
  ],
  ['open ports as forwards', { open: ['80-81', { port: 22, from: '10.0.0.0/8' }] }, 2],
])('%s', (_, written, expected) => {
  const { policy, problems } = parseGuestTable(written, { file: '/g.toml', path: ['guest', 'web'] });
  expect(problems).toEqual([]);
  expect(weightOf(policy)).toBe(expected);
});
