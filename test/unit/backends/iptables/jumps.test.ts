import { expect, test } from 'vitest';
import { jumps } from '../../../../src/backends/iptables/jumps.ts';
import { chainsOf } from '../../../../src/backends/iptables/matches.ts';
import type { Element } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const own = chainsOf('qemu-web');
const guest = '192.168.122.41';
const lines = (...elements: Element[]) =>
  jumps(elements, own, '-m comment --comment web').map(
    ({ table, chain, rule }) => `${table} ${chain} ${rule}`,
  );

test('one jump for each protocol and address, from the lowest port to the highest', () => {
  expect(
    lines(
      forwardOf(8080),
      forwardOf(22),
      forwardOf(53, { protocol: 'udp' }),
      forwardOf(443, { host: '203.0.113.1' }),
    ),
  ).toEqual([
    `nat GUESTGATE-ANY -p tcp -m tcp --dport 22:8080 -m comment --comment web -j ${own.any}`,
    `nat GUESTGATE-ANY -p udp -m udp --dport 53 -m comment --comment web -j ${own.any}`,
    `nat GUESTGATE-EXACT -d 203.0.113.1 -p tcp -m tcp --dport 443 -m comment --comment web -j ${own.exact}`,
  ]);
});

test('the ports of the host and those of the guest’s own address are never joined', () => {
  const open = { kind: 'open', guest, protocol: 'tcp', ports: { first: 80, last: 81 } } as const;
  expect(lines(forwardOf(8080), open).map((line) => line.split(' ')[1])).toEqual([
    'GUESTGATE-ANY',
    'GUESTGATE-OPEN',
  ]);
});

test('a whole address has one jump, however many elements are about it', () => {
  expect(
    lines(
      { kind: 'one-to-one', host: '203.0.113.9', guest },
      { kind: 'source-filter', claim: { host: '203.0.113.9' }, from: [] },
    ),
  ).toEqual([`nat GUESTGATE-PUBLIC -d 203.0.113.9 -m comment --comment web -j ${own.public}`]);
});

test('jumps have no order: guests share the chain that they are in', () => {
  expect(jumps([forwardOf(80)], own, '').map(({ ordered }) => ordered)).toEqual([false]);
});

test('elements that are about no address of the host, and no port, need none', () => {
  expect(lines({ kind: 'denied', guest, from: [] }, { kind: 'inside', interface: 'vif1.0' })).toEqual([]);
});
