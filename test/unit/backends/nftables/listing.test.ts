import { describe, expect, test } from 'vitest';
import { parseListing } from '../../../../src/backends/nftables/listing.ts';

/* `nft -j list table ip guestgate`, as libnftables-json(5) has it: entries in our spelling, to be compared with our own. */

const metainfo = { metainfo: { version: '1.0.6' } };
const listingOf = (...objects: object[]) =>
  parseListing(JSON.stringify({ nftables: [metainfo, ...objects] }), 'ip');
const map = (name: string, ...elem: unknown[]) => ({
  map: { family: 'ip', table: 'guestgate', name, handle: 3, elem },
});
const set = (name: string, ...elem: unknown[]) => ({
  set: { family: 'ip', table: 'guestgate', name, handle: 4, elem },
});

describe('an entry', () => {
  test.each([
    [
      'of a map',
      map('m', [{ concat: ['tcp', 80] }, { concat: ['192.168.122.41', 8080] }]),
      { set: 'm', key: 'tcp . 80', value: '192.168.122.41 . 8080' },
    ],
    ['of a set', set('s', '192.168.122.41'), { set: 's', key: '192.168.122.41' }],
    [
      'with a range of ports',
      set('s', { concat: ['tcp', { range: [80, 89] }] }),
      { set: 's', key: 'tcp . 80-89' },
    ],
    [
      'with a network',
      set('s', { prefix: { addr: '198.51.100.0', len: 24 } }),
      { set: 's', key: '198.51.100.0/24' },
    ],
    [
      'that leads to a chain',
      map('m', ['eth0', { jump: { target: 'count_1' } }]),
      { set: 'm', key: 'eth0', value: 'jump count_1' },
    ],
    [
      'with a counter',
      set('s', { elem: { val: 'eth0', counter: { packets: 5, bytes: 300 } } }),
      { set: 's', key: 'eth0', packets: 5, bytes: 300 },
    ],
    // The C library writes some addresses of IPv6 otherwise than we do.
    ['in another spelling', set('s', '::ffff:1.2.3.4'), { set: 's', key: '::ffff:102:304' }],
  ])('%s', (_, object, entry) => {
    expect(listingOf(object).entries).toEqual([entry]);
  });

  test('of a set that counts connections is none of ours: the kernel put it there', () => {
    expect(listingOf(set('count_any_tcp_80_5', '198.51.100.2')).entries).toEqual([]);
  });
});

test('two listings with other handles, entries and counters have the same base ruleset; with another rule they have not', () => {
  const rule = (handle: number, packets: number, verdict: string) => ({
    rule: {
      family: 'ip',
      table: 'guestgate',
      chain: 'c',
      handle,
      expr: [{ counter: { packets, bytes: packets } }, { [verdict]: null }],
    },
  });
  const baseRuleset = (...objects: object[]) => listingOf(...objects).baseRuleset;
  expect(baseRuleset(set('s', 'a'), rule(7, 0, 'accept'))).toEqual(
    baseRuleset(set('s'), rule(9, 5, 'accept')),
  );
  expect(baseRuleset(rule(7, 0, 'accept'))).not.toEqual(baseRuleset(rule(7, 0, 'drop')));
});

test.each([
  ['nothing', ''],
  ['half of it', '{"nftables": [{"met'],
  ['something else', '{"error": 1}'],
])('%s is an error, and never an empty table', (_, text) => {
  expect(() => parseListing(text, 'ip')).toThrow(/nft -j list table ip guestgate/);
});
