import { describe, expect, test } from 'vitest';
import type { MarkUser } from '../../../src/doctor/mark-use.ts';
import { judgeMarkUsers, markUsersOfRouting } from '../../../src/doctor/marks.ts';
import { markUsersOfTables } from '../../../src/doctor/marks-in-iptables.ts';
import { markUsersOfRuleset } from '../../../src/doctor/marks-in-nft.ts';
import { parseSavedTables } from '../../../src/explain/iptables-save.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

const bit = 0x10000000;

const ofIptables = (...rules: readonly string[]) => {
  const text = `*mangle\n:PREROUTING ACCEPT [0:0]\n${rules.map((rule) => `-A PREROUTING ${rule}\n`).join('')}COMMIT\n`;
  return markUsersOfTables(parseSavedTables(text), 'iptables', bit).map(({ use }) => use);
};

test.each([
  ['-m connmark --mark 0x1 -j ACCEPT', 'compares-connection'],
  ['-m connmark ! --mark 0x0 -j ACCEPT', 'compares-connection'],
  ['-m connmark --mark 0x1/0xf0000001 -j ACCEPT', 'compares-connection'],
  ['-m connmark --mark 0x1/0xff -j ACCEPT', undefined],
  ['-m connmark --mark 0x10000000/0x10000000 -j ACCEPT', undefined],
  ['-m mark --mark 0x1 -j ACCEPT', 'compares-packet'],
  ['-m mark --mark 0x4000/0x4000 -j MASQUERADE', undefined],
  ['-j CONNMARK --set-xmark 0x1/0xffffffff', 'clears'],
  ['-j CONNMARK --set-xmark 0x1/0xff', undefined],
  ['-j CONNMARK --set-xmark 0x10000001/0xffffffff', undefined],
  ['-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff', 'clears'],
  ['-j CONNMARK --save-mark', 'clears'],
  ['-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff', undefined],
  ['-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff', 'copies'],
  ['-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff', undefined],
  ['-m mark --mark 0xca6c -j CONNMARK --save-mark', 'compares-packet,clears'],
])('iptables: %s', (rule, use) => {
  expect(ofIptables(rule).join()).toBe(use ?? '');
});

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

describe('which of them are findings', () => {
  const rule = (use: MarkUser['use'], more: Partial<MarkUser> = {}): MarkUser => ({
    use,
    rule: use,
    unrepaired: use === 'compares-connection',
    ...more,
  });
  const named = (backend: 'nftables' | 'iptables-nft', ...users: readonly MarkUser[]) =>
    judgeMarkUsers(users, backend, bit).flatMap(({ details = [] }) => details);

  test('what compares whole connection marks, always', () => {
    expect(named('nftables', rule('compares-connection'))).toEqual(['compares-connection']);
    expect(named('iptables-nft', rule('compares-connection'))).toEqual(['compares-connection']);
  });

  test('what clears or copies it, where guestgate cannot repair it', () => {
    for (const use of ['clears', 'copies'] as const) {
      expect(named('nftables', rule(use))).toEqual([]);
      expect(named('nftables', rule(use, { unrepaired: true }))).toEqual([use]);
      expect(named('iptables-nft', rule(use))).toEqual([use]);
    }
    expect(judgeMarkUsers([rule('clears')], 'iptables-nft', bit)).toMatchObject([{ severity: 'something' }]);
    expect(judgeMarkUsers([rule('copies')], 'iptables-nft', bit)).toMatchObject([{ severity: 'later' }]);
  });

  test('what compares whole marks of packets, if a rule copies the bit there', () => {
    const compares = rule('compares-packet', { chain: 'a' });
    expect(named('iptables-nft', compares)).toEqual([]);
    expect(named('iptables-nft', compares, rule('copies'))).toEqual(['compares-packet', 'copies']);
    expect(named('nftables', compares, rule('copies', { chain: 'b' }))).toEqual([]);
    expect(named('nftables', compares, rule('copies', { chain: 'a' }))).toEqual(['compares-packet']);
  });

  test('nftables: after guestgate has repaired marks, and before a filter asks for them', () => {
    expect(ofNft(write(ct, 1), 'forward', -100)).toMatchObject([{ unrepaired: true }]);
    expect(ofNft(write(ct, 1), 'forward', -150)).toMatchObject([{ unrepaired: false }]);
    expect(ofNft(write(ct, 1), 'prerouting', -100)).toMatchObject([{ unrepaired: false }]);
    expect(ofNft(write(meta, ct), 'prerouting', -100)).toMatchObject([{ unrepaired: true }]);
    expect(ofNft(write(meta, ct), 'prerouting', -150)).toMatchObject([{ unrepaired: false }]);
  });
});

test('policy routing: whole marks, as `ip -j rule` lists them', () => {
  const rules = [
    { priority: 0, table: 'local' },
    { priority: 100, fwmark: '0x1', table: '200' },
    { priority: 101, fwmark: '0x1', fwmask: '0xff', table: '201' },
  ];
  expect(markUsersOfRouting(rules, 'ip -4', bit).map((one) => one.rule)).toEqual([
    'ip -4 rule 100: fwmark 0x1 lookup 200',
  ]);
});
