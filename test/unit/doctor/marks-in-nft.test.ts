import { expect, test } from 'vitest';
import type { MarkUser } from '../../../src/doctor/mark-use.ts';
import { markUsersOfRuleset } from '../../../src/doctor/marks-in-nft.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

const bit = 0x10000000;

const ct = { ct: { key: 'mark' } };
const meta = { meta: { key: 'mark' } };
const compare = (left: object, right = 1) => ({ match: { op: '==', left, right } });
const write = (key: object, value: unknown) => ({ mangle: { key, value } });

const ofNft = (expression: object, hook = 'forward', prio = 10): MarkUser[] => {
  const place = { family: 'inet', table: 't' };
  const objects = [
    { chain: { ...place, name: 'c', type: 'filter', hook, prio, policy: 'accept' } },
    { rule: { ...place, chain: 'c', handle: 3, expr: [expression] } },
  ];
  return markUsersOfRuleset(parseListedRuleset(JSON.stringify({ nftables: objects })), bit, true);
};

test.each([
  [compare(ct), 'compares-connection'],
  [compare({ '&': [ct, 0xff] }), undefined],
  [compare({ '&': [ct, 0xf0000001] }), 'compares-connection'],
  [compare({ '&': [ct, bit] }, bit), undefined],
  [compare(meta), 'compares-packet'],
  [compare({ '&': [meta, 0xff] }), undefined],
  [write(ct, 1), 'clears'],
  [write(ct, meta), 'clears'],
  [write(ct, { '|': [ct, 1] }), undefined],
  [write(ct, { '|': [{ '&': [ct, 0xffffff00] }, 1] }), undefined],
  [write(ct, { '|': [{ '&': [ct, 0xff] }, 1] }), 'clears'],
  [write(ct, { '^': [{ '&': [ct, 0xefffffff] }, 1] }), 'clears'],
  [write(meta, ct), 'copies'],
  [write(meta, { '&': [ct, 0xff] }), undefined],
  [write(meta, bit), undefined],
])('nftables: %j', (expression, use) => {
  expect(ofNft(expression).map((user) => user.use)).toEqual(use === undefined ? [] : [use]);
});

test("nftables: guestgate's own table is none of others, nor are tables that iptables-save lists", () => {
  const rule = (family: string, table: string) => [
    { chain: { family, table, name: 'c', type: 'filter', hook: 'forward', prio: 0, policy: 'accept' } },
    { rule: { family, table, chain: 'c', handle: 3, expr: [compare(ct)] } },
  ];
  const nftables = [...rule('ip', 'guestgate'), ...rule('ip6', 'mangle')];
  const ruleset = parseListedRuleset(JSON.stringify({ nftables }));
  expect(markUsersOfRuleset(ruleset, bit, true)).toEqual([]);
  expect(markUsersOfRuleset(ruleset, bit, false)).toHaveLength(1);
});

test('nftables: after guestgate has repaired marks, and before a filter asks for them', () => {
  expect(ofNft(write(ct, 1), 'forward', -100)).toMatchObject([{ unrepaired: true }]);
  expect(ofNft(write(ct, 1), 'forward', -150)).toMatchObject([{ unrepaired: false }]);
  expect(ofNft(write(ct, 1), 'prerouting', -100)).toMatchObject([{ unrepaired: false }]);
  expect(ofNft(write(meta, ct), 'prerouting', -100)).toMatchObject([{ unrepaired: true }]);
  expect(ofNft(write(meta, ct), 'prerouting', -150)).toMatchObject([{ unrepaired: false }]);
});
