import { expect, test } from 'vitest';
import { accepts } from '../../../../src/backends/iptables/accepts.ts';
import type { Element } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const guest = '192.168.122.41';
const lines = (elements: readonly Element[], label = 'web') =>
  accepts(elements, 'GUESTGATE-abc', label).map(({ table, chain, rule }) => `${table} ${chain} ${rule}`);
const jump = `filter GUESTGATE-FORWARD -d ${guest} -m comment --comment`;

test('a forward is accepted as the connection that was asked for, at the port that it leads to', () => {
  expect(lines([forwardOf(8080)])).toEqual([
    `filter GUESTGATE-abc -d ${guest} -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW --ctorigdstport 8080 -m comment --comment web -j ACCEPT`,
    `${jump} "web: 8080/tcp" -j GUESTGATE-abc`,
  ]);
});

test('a forward of one address is accepted for that address alone, a range at the shifted ports', () => {
  const [rule] = lines([forwardOf(0, { host: '203.0.113.1', ports: { first: 8000, last: 8009 }, to: 9000 })]);
  expect(rule).toContain('--dport 9000:9009');
  expect(rule).toContain('--ctorigdst 203.0.113.1 --ctorigdstport 8000:8009');
});

test('what the host itself sends is not forwarded: a forward of 127.0.0.1 needs no accept', () => {
  expect(lines([forwardOf(8080, { host: '127.0.0.1' })])).toEqual([]);
});

test('each guest address has one jump, with all that is open at it', () => {
  const all = lines([
    forwardOf(8080),
    forwardOf(53, { host: '203.0.113.1', protocol: 'udp' }),
    { kind: 'one-to-one', host: '203.0.113.9', guest: '192.168.150.9' },
    { kind: 'open', guest, protocol: 'sctp', ports: { first: 1, last: 2 } },
  ]);
  expect(all.filter((line) => line.startsWith('filter GUESTGATE-FORWARD'))).toEqual([
    `${jump} "web: 8080/tcp, 203.0.113.1:53/udp, 1-2/sctp open" -j GUESTGATE-abc`,
    'filter GUESTGATE-FORWARD -d 192.168.150.9 -m comment --comment "web: all of 203.0.113.9" -j GUESTGATE-abc',
  ]);
});

test('an address to leave with is accepted by its source', () => {
  const element = { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.9' } as const;
  expect(lines([element])).toEqual([
    `filter GUESTGATE-abc -s ${guest} -o eth0 -m conntrack --ctstate NEW -m comment --comment web -j ACCEPT`,
    `filter GUESTGATE-FORWARD -s ${guest} -m comment --comment "web: leaves eth0 as 203.0.113.9" -j GUESTGATE-abc`,
  ]);
});

test('a comment stays within the 255 characters that the kernel keeps, however much is open', () => {
  const many = Array.from({ length: 200 }, (_, index) => forwardOf(10_000 + index));
  const comment = /--comment "([^"]*)"/.exec(lines(many, `${'x'.repeat(100)}`).at(-1) ?? '')?.[1] ?? '';
  expect(comment.length).toBeLessThanOrEqual(255);
  expect(comment).toMatch(/^x{100}: 10000\/tcp, .*\/tcp \.\.\.$/);
});

test('elements that admit nothing of their own have no rule', () => {
  expect(lines([{ kind: 'denied', guest, from: ['10.0.0.0/8'] }])).toEqual([]);
});
