import { expect, test } from 'vitest';
import { judgeLegacy, lookingAt } from '../../../src/backends/head-rule-state.ts';

const chain = { family: 'ip', table: 'filter', chain: 'FORWARD' };
const looking = lookingAt(chain, ({ comment, jump }) => comment === 'guestgate' || jump === 'OURS');
const listed = (...rules: readonly object[]) =>
  JSON.stringify({ nftables: [{ metainfo: {} }, { chain: {} }, ...rules.map((rule) => ({ rule }))] });

test('the kernel and nft are asked for the same chain', () => {
  expect(looking.native.chain).toEqual(chain);
  expect(looking.list).toEqual({
    program: 'nft',
    args: ['-j', '-a', 'list', 'chain', 'ip', 'filter', 'FORWARD'],
  });
});

test('a chain that is not there needs no rule; an empty one does', () => {
  const none = { needed: false, first: false, found: [] };
  expect(looking.judge(undefined)).toEqual(none);
  expect(looking.native.judge(undefined)).toEqual(none);
  expect(looking.judge(listed())).toEqual({ needed: true, first: false, found: [] });
});

test('one rule of ours at the head is first, whichever rules follow', () => {
  const ours = { handle: 4, comment: 'guestgate', expr: [{ accept: null }] };
  expect(looking.judge(listed(ours, { handle: 2 }))).toEqual({ needed: true, first: true, found: [4] });
  expect(looking.judge(listed({ handle: 2 }, ours))).toMatchObject({ first: false, found: [4] });
});

test('a second rule of ours has to go, so the first one is not yet in its place', () => {
  const ours = [4, 7].map((handle) => ({ handle, comment: 'guestgate' }));
  expect(looking.judge(listed(...ours))).toMatchObject({ first: false, found: [4, 7] });
});

test('a jump is found among the expressions of a rule, a null among them included', () => {
  const jump = { handle: 3, expr: [null, { counter: null }, { jump: { target: 'OURS' } }] };
  expect(looking.judge(listed(jump))).toMatchObject({ first: true, found: [3] });
  const other = { handle: 3, expr: [{ jump: { target: 'OURSELVES' } }, { goto: { target: 'OURS' } }] };
  expect(looking.judge(listed(other))).toMatchObject({ first: false, found: [] });
});

test('half a listing is an error: it must not look like a chain without our rule', () => {
  expect(() => looking.judge(listed({ handle: 1 }).slice(0, -3))).toThrow('incomplete JSON');
});

test('iptables-legacy: a table that rejects nothing is left alone', () => {
  expect(judgeLegacy(undefined)).toEqual({ needed: false, first: false, found: [] });
  expect(judgeLegacy('*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n')).toMatchObject({ needed: false });
  expect(judgeLegacy('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n')).toMatchObject({ needed: true, first: false });
});

test('iptables-legacy: our jump by its number among the rules of FORWARD alone', () => {
  const save = (...rules: readonly string[]) =>
    `*filter\n:FORWARD ACCEPT [0:0]\n-A INPUT -j DROP\n${rules.join('\n')}\nCOMMIT\n`;
  const ours = '-A FORWARD -j GUESTGATE-FORWARD';
  expect(judgeLegacy(save(ours, '-A FORWARD -j REJECT'))).toEqual({ needed: true, first: true, found: [0] });
  expect(judgeLegacy(save('-A FORWARD -j REJECT', ours))).toMatchObject({ first: false, found: [1] });
  expect(judgeLegacy(save(ours, ours))).toMatchObject({ first: false, found: [0, 1] });
  expect(judgeLegacy(save('-A FORWARD -j GUESTGATE-FORWARD-OLD'))).toMatchObject({ found: [] });
});
