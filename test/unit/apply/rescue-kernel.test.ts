import { expect, test } from 'vitest';
import { nameOf } from '../../../src/apply/rescue-kernel.ts';

// What it does to the kernel is test/lab/rescue.test.ts.
test('kinds of iptables have the names of their programs', () => {
  expect(nameOf({ family: 'ip', variant: 'nft' })).toBe('iptables-nft');
  expect(nameOf({ family: 'ip6', variant: 'legacy' })).toBe('ip6tables-legacy');
});
