import { expect, test } from 'vitest';
import { entriesOf } from '../../../../src/backends/nftables/entries.ts';
import type { FamilyElement } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const guest = '192.168.122.41';
const text = (element: FamilyElement) =>
  entriesOf(element).map(
    ({ set, key, value }) => `${set} ${key}${value === undefined ? '' : ` -> ${value}`}`,
  );
const tcp = { protocol: 'tcp', ports: { first: 80, last: 80 } } as const;

test('a port is an exact key; a guest that has a forward answers', () => {
  expect(text(forwardOf(8080))).toEqual([`forward_any tcp . 8080 -> ${guest} . 80`, `answering ${guest}`]);
  expect(text(forwardOf(8080, { host: '203.0.113.1' }))[0]).toBe(
    `forward 203.0.113.1 . tcp . 8080 -> ${guest} . 80`,
  );
});

test('a range that keeps its ports is one interval, a shifted one an exact key each', () => {
  const range = (to: number) => text(forwardOf(0, { ports: { first: 8000, last: 8002 }, to })).slice(0, -1);
  expect(range(8000)).toEqual([`range_any tcp . 8000-8002 -> ${guest}`]);
  expect(range(9000)).toEqual([
    `forward_any tcp . 8000 -> ${guest} . 9000`,
    `forward_any tcp . 8001 -> ${guest} . 9001`,
    `forward_any tcp . 8002 -> ${guest} . 9002`,
  ]);
});

test('a shared address to leave with is in a map of its own, where ports are changed', () => {
  const element = { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.9' } as const;
  expect(text(element)[0]).toBe(`source_nat ${guest} . "eth0" -> 203.0.113.9`);
  expect(text({ ...element, shared: true })[0]).toBe(`shared_nat ${guest} . "eth0" -> 203.0.113.9`);
  expect(text(element).slice(1)).toEqual([`outgoing ${guest} . "eth0"`, `leaving ${guest}`]);
});

test('a source filter closes its place, and opens it for each source', () => {
  const from = ['10.0.0.0/8', '198.51.100.7/32'];
  expect(text({ kind: 'source-filter', claim: { host: 'any', ...tcp }, from })).toEqual([
    'filtered_any tcp . 80',
    'sources_any 10.0.0.0/8 . tcp . 80',
    'sources_any 198.51.100.7/32 . tcp . 80',
  ]);
  expect(text({ kind: 'source-filter', claim: { host: '203.0.113.9' }, from: [] })).toEqual([
    'filtered_public 203.0.113.9',
  ]);
});

test('the key of what is masqueraded has the guest, too: another one may have that port of another address', () => {
  const masquerade = (claim: { host: string } & Partial<typeof tcp>) =>
    text({ kind: 'masquerade', guest, claim: claim as never })[0];
  expect(masquerade({ host: '203.0.113.9' })).toBe(`masqueraded_public 203.0.113.9 . ${guest}`);
  expect(masquerade({ host: '203.0.113.9', ...tcp })).toBe(`masqueraded 203.0.113.9 . tcp . 80 . ${guest}`);
  expect(masquerade({ host: 'any6', ...tcp })).toBe(`masqueraded_any tcp . 80 . ${guest}`);
});

test('a bridge that is the uplink, too, is not inside: sources behind it may be routed another way', () => {
  expect(text({ kind: 'hairpin', bridge: 'br0', uplink: true })).toEqual(['hairpin "br0" . "br0"']);
  expect(text({ kind: 'hairpin', bridge: 'virbr0' })).toEqual([
    'hairpin "virbr0" . "virbr0"',
    'inner "virbr0"',
  ]);
  expect(text({ kind: 'inside', interface: 'vif1.0' })).toEqual([
    'hairpin "vif1.0" . "vif1.0"',
    'inner "vif1.0"',
  ]);
});

test('open ports: one is an exact key, several an interval', () => {
  const open = (last: number) =>
    text({ kind: 'open', guest, protocol: 'tcp', ports: { first: 80, last } })[0];
  expect(open(80)).toBe(`open ${guest} . tcp . 80`);
  expect(open(81)).toBe(`open_range ${guest} . tcp . 80-81`);
});

test('a source that is denied comes before the guest in the key', () => {
  expect(text({ kind: 'denied', guest, from: ['10.0.0.0/8'] })).toEqual([`denied 10.0.0.0/8 . ${guest}`]);
  expect(text({ kind: 'denied', guest, from: [] })).toEqual([]);
});
