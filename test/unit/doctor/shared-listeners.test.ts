import { expect, test } from 'vitest';
import { judgeSharedListeners } from '../../../src/doctor/shared-listeners.ts';
import type { Listener } from '../../../src/system/listeners.ts';

const program = (more: Partial<Listener> = {}): Listener => ({
  protocol: 'udp',
  address: '0.0.0.0',
  port: 51820,
  process: 'tunneld (process 7)',
  ...more,
});
const found = (...all: Listener[]) =>
  judgeSharedListeners(['203.0.113.12'], all).map(({ subject, problem }) => `${subject}: ${problem}`);

test('a program that listens among the ports by which guests leave with its address is named', () => {
  expect(found(program())).toEqual([
    "tunneld (process 7): it listens at 0.0.0.0:51820/udp, within the ports 32768-60999, by which guests leave with 203.0.113.12: a guest's connection can keep its peer from that service",
  ]);
  expect(found(program({ address: '::', protocol: 'tcp' }))).toHaveLength(1);
  expect(found(program({ address: '203.0.113.12' }))).toHaveLength(1);
});

test.each([
  ['below them', { port: 32767 }],
  ['above them', { port: 61000 }],
  ['at another address', { address: '203.0.113.10' }],
  ['in the other family', { address: '2001:db8::1' }],
])('none that listens %s', (_, more) => {
  expect(found(program(more))).toEqual([]);
});

test('nor a socket of the kernel or of a program that has ended', () => {
  const { protocol, address, port } = program();
  expect(found({ protocol, address, port })).toEqual([]);
});
