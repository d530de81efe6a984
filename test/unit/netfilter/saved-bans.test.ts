import { expect, test } from 'vitest';
import { namesSources } from '../../../src/netfilter/saved-bans.ts';

test('whether a listed rule names sources', () => {
  expect(namesSources('-A f2b-web -s 198.51.100.2/32 -j REJECT')).toBe(true);
  expect(namesSources('-A FORWARD ! -s 198.51.100.2/32 -j REJECT')).toBe(false);
  expect(
    namesSources('ct direction original ip saddr . ip daddr @denied counter packets 0 bytes 0 drop'),
  ).toBe(true);
  expect(namesSources('ip saddr . ip daddr . meta l4proto . th dport != @sources_open counter drop')).toBe(
    false,
  );
  expect(namesSources('iifname "eth0" drop')).toBe(false);
});
