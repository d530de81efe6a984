import { expect, test } from 'vitest';
import { chainNamed, parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

const parse = (...objects: object[]) =>
  parseListedRuleset(JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...objects] }));
const place = { family: 'ip', table: 'filter' };
const hooked = { ...place, name: 'FORWARD', type: 'filter', hook: 'forward', prio: 0 };
const rule = (handle: number, more: object = {}) => ({
  rule: { ...place, chain: 'FORWARD', handle, expr: [{ accept: null }], ...more },
});

test.each([
  [
    'a base chain',
    { ...hooked, policy: 'drop' },
    { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
  ],
  // nft prints none for chains of other families' hooks (nft(8), "policy").
  [
    'a base chain that names no policy accepts',
    hooked,
    { type: 'filter', hook: 'forward', priority: 0, policy: 'accept' },
  ],
  ['a chain that is jumped to has no base', { ...place, name: 'FORWARD' }, undefined],
])('%s', (_, chain, base) => {
  const [found] = parse({ chain }).chains;
  expect(found?.base).toEqual(base);
});

test('rules are in their chain, in their order; one of another family with that name is another chain', () => {
  const six = { ...place, family: 'ip6', name: 'FORWARD' };
  const { chains } = parse({ chain: hooked }, { chain: six }, rule(5), rule(3, { comment: 'guestgate' }), {
    rule: { ...six, chain: 'FORWARD', handle: 9, expr: [] },
  });
  expect(
    chains.map(({ family, rules }) => [family, rules.map(({ handle, comment }) => [handle, comment])]),
  ).toEqual([
    [
      'ip',
      [
        [5, undefined],
        [3, 'guestgate'],
      ],
    ],
    ['ip6', [[9, undefined]]],
  ]);
});

test('a chain is found beside the one that leads to it', () => {
  const ruleset = parse(
    { chain: hooked },
    { chain: { ...place, name: 'mine' } },
    { chain: { ...place, table: 'nat', name: 'theirs' } },
  );
  const [forward] = ruleset.chains;
  if (forward === undefined) throw new Error('it was listed');
  expect(chainNamed(ruleset, forward, 'mine')).toMatchObject({ table: 'filter', name: 'mine' });
  expect(chainNamed(ruleset, forward, 'theirs')).toBeUndefined();
});

test('sets and maps with their elements; a terse listing has none', () => {
  const { sets } = parse({ set: { ...place, name: 's', elem: ['a'] } }, { map: { ...place, name: 'm' } });
  expect(sets).toEqual([
    { ...place, name: 's', map: false, elements: ['a'] },
    { ...place, name: 'm', map: true, elements: [] },
  ]);
});

test('a listing that was cut is an error, which names the command', () => {
  expect(() => parseListedRuleset('{"nftables": [')).toThrow(/nft -j list ruleset/);
});
