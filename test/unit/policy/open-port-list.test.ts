import { expect, test } from 'vitest';
import { readOpenPorts } from '../../../src/policy/open-port-list.ts';
import { reading } from './problems.ts';

const read = (value: string | number | readonly unknown[] | undefined) =>
  reading((place, problems) => readOpenPorts(value, place, problems));
const ports = (first: number, last = first) => ({ first, last });

test('numbers, texts and tables', () => {
  const { value, told } = read([
    443,
    '22/tcp',
    '8000-8010/udp',
    { port: 53, protocol: 'tcp+udp', from: [], connections: '5' },
  ]);
  expect(told).toEqual([]);
  expect(value).toEqual([
    { protocol: 'tcp', ports: ports(443), text: '443' },
    { protocol: 'tcp', ports: ports(22), text: '22/tcp' },
    { protocol: 'udp', ports: ports(8000, 8010), text: '8000-8010/udp' },
    { protocol: 'tcp', ports: ports(53), from: [], connections: 5, text: '53/tcp' },
    { protocol: 'udp', ports: ports(53), from: [], connections: 5, text: '53/udp' },
  ]);
});

test('one port needs no list, and no key is no list', () => {
  expect(read(443).value).toEqual([{ protocol: 'tcp', ports: ports(443), text: '443' }]);
  expect(read(undefined).value).toBeUndefined();
});

test.each<[unknown, string]>([
  ['8443:443', 'an open port is not translated'],
  [{ port: 22, to: 23 }, 'unknown key "to"'],
  [{ protocol: 'tcp' }, 'port is missing'],
  [0, 'open.0: open: '],
  ['22/icmp', 'open.0: open: '],
  [true, 'must be a port like'],
])('%j: %s', (entry, message) => {
  const { told } = read([entry]);
  expect(told.join('\n')).toContain(message);
  expect(told).toHaveLength(1);
});
