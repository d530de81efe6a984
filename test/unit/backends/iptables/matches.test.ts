import { expect, test } from 'vitest';
import {
  asComment,
  atHost,
  chainsOf,
  dport,
  filter,
  mangle,
  nat,
  placeOf,
  targets,
  withoutRepetition,
} from '../../../../src/backends/iptables/matches.ts';
import { forwardOf } from '../../records.ts';

test('the chains of a guest fit in 28 characters, however many lists of sources there are', () => {
  const own = chainsOf(`qemu-${'x'.repeat(200)}`);
  for (const chain of [own.accepts, own.exact, own.public, own.any, own.open, own.denied(99), own.from(99)])
    expect(chain.length, chain).toBeLessThanOrEqual(28);
});

test('guests whose names differ have different chains', () => {
  expect(chainsOf('qemu-web').any).not.toBe(chainsOf('lxc-web').any);
});

test('a label that begins with a dash is no option, and an empty one is no missing argument', () => {
  expect(asComment('-j')).toBe('%2Dj');
  expect(asComment('a-b')).toBe('a-b');
  expect(asComment('')).toBe('%');
});

test('one port or several', () => {
  expect(dport('udp', { first: 53, last: 53 })).toBe('-p udp -m udp --dport 53');
  expect(dport('tcp', { first: 1, last: 65535 })).toBe('-p tcp -m tcp --dport 1:65535');
});

test('what is at any address is in a chain of its own', () => {
  const own = chainsOf('qemu-web');
  const ports = { first: 80, last: 80 };
  expect(atHost({ host: 'any6', protocol: 'tcp', ports }, own)[0]).toBe(own.any);
  expect(atHost({ host: '2001:db8::1', protocol: 'tcp', ports }, own)).toEqual([
    own.exact,
    '-d 2001:db8::1 -p tcp -m tcp --dport 80',
  ]);
});

test('an element is about its claim, its limit’s place, or its guest', () => {
  const claim = { host: '203.0.113.9' } as const;
  expect(placeOf({ kind: 'source-filter', claim, from: [] })).toBe(claim);
  const at = { guest: '10.0.0.2', protocol: 'tcp', ports: { first: 1, last: 1 } } as const;
  expect(placeOf({ kind: 'connection-limit', at, connections: 1 })).toBe(at);
  expect(placeOf({ kind: 'inside', interface: 'vif1.0' })).toEqual({});
});

test('ports that keep their numbers are one rule, shifted ports one each', () => {
  const range = (to: number, guest = '10.0.0.2') =>
    targets(forwardOf(0, { ports: { first: 80, last: 82 }, to, guest }));
  expect(range(80)).toEqual([{ ports: { first: 80, last: 82 }, to: '10.0.0.2' }]);
  expect(range(90).map(({ ports, to }) => `${ports.first}-${ports.last} ${to}`)).toEqual([
    '80-80 10.0.0.2:90',
    '81-81 10.0.0.2:91',
    '82-82 10.0.0.2:92',
  ]);
  expect(range(90, 'fd00::2')[0]?.to).toBe('[fd00::2]:90');
});

test('a single port that keeps its number names it all the same', () => {
  expect(targets(forwardOf(80, { guest: '10.0.0.2' }))).toEqual([
    { ports: { first: 80, last: 80 }, to: '10.0.0.2:80' },
  ]);
});

test('a rule without an order is made once; one with its place is never left out', () => {
  const free = { ...mangle('X', '-j DROP'), ordered: false };
  expect(withoutRepetition([free, free, nat('X', '-j A'), nat('X', '-j A'), filter('X', '-j DROP')])).toEqual(
    [free, nat('X', '-j A'), nat('X', '-j A'), filter('X', '-j DROP')],
  );
});
