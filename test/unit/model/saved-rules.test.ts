import { expect, test } from 'vitest';
import { isSavedRules, isTableName, programOf, validInterfaces } from '../../../src/model/saved-rules.ts';

const saved = {
  boot: 'b',
  backend: 'nftables',
  tables: [{ family: 'inet', name: 'filter' }],
  bypassed: [{ family: 'ip', variant: 'legacy' }],
  made: ['ip nat', 'ip nat POSTROUTING'],
  settings: { 'net/ipv4/ip_forward': '0', 'net/ipv6/conf/eth0.100/accept_ra': '1' },
};

test('a file is believed as it was written', () => {
  expect(isSavedRules(saved)).toBe(true);
});

test.each([
  ['a name that becomes a statement', { tables: [{ family: 'inet', name: 'x; flush ruleset' }] }],
  ['a family that there is none of', { tables: [{ family: 'any', name: 'x' }] }],
  ['a path that leads elsewhere', { settings: { 'net/ipv4/../../kernel/forwarding': '1' } }],
  ['a setting of something else', { settings: { 'kernel/core_pattern': '|/bin/sh' } }],
  ['a chain that becomes a statement', { made: ['ip nat; flush'] }],
])('a file with %s is not', (_, part) => {
  expect(isSavedRules({ ...saved, ...part })).toBe(false);
});

test('names that nft does not read, or that rules may not contain, are left out', () => {
  expect(['filter', 'a-b.c/d', '9', 'a b', ''].map(isTableName)).toEqual([true, true, false, false, false]);
  expect(validInterfaces(['eth0', 'eth0', 'a"b', 'tap+'])).toEqual(['eth0']);
});

test('kinds of iptables have the names of their programs', () => {
  expect(programOf({ family: 'ip', variant: 'nft' })).toBe('iptables-nft');
  expect(programOf({ family: 'ip6', variant: 'legacy' })).toBe('ip6tables-legacy');
});
