import { expect, test } from 'vitest';
import {
  anyAddress,
  familyOfHost,
  formatHost,
  isAny,
  isEverywhere,
} from '../../../src/model/host-address.ts';

test.each([
  ['any', 'ip', '*', true],
  ['any6', 'ip6', '[::]', true],
  ['203.0.113.10', 'ip', '203.0.113.10', false],
  ['2001:db8::1', 'ip6', '[2001:db8::1]', false],
] as const)('%s is of family %s, written %s', (host, family, text, any) => {
  expect([familyOfHost(host), formatHost(host), isAny(host)]).toEqual([family, text, any]);
});

test('the word for any address of a family is of that family', () => {
  for (const family of ['ip', 'ip6'] as const) expect(familyOfHost(anyAddress(family))).toBe(family);
});

test.each([
  ['any', true],
  ['0.0.0.0', true],
  ['::', true],
  ['::0', false],
  ['any6', false],
  ['0.0.0.1', false],
])('%s in a policy means every address: %s', (host, expected) => {
  expect(isEverywhere(host)).toBe(expected);
});
