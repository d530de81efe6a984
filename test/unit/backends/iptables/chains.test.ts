import { expect, test } from 'vitest';
import { chains } from '../../../../src/backends/iptables/chains.ts';
import { chainsOf } from '../../../../src/backends/iptables/matches.ts';
import { names } from '../../../../src/backends/names.ts';

const all = Object.values(chains);

test('no two chains have one name, and each fits in the 28 characters that the kernel keeps', () => {
  expect(new Set(all).size).toBe(all.length);
  for (const name of all) expect(name.length, name).toBeLessThanOrEqual(28);
});

test('none is named like a chain of a guest, of the administrator, or of the accepts for bridged guests', () => {
  expect(all).not.toContain(names.userChain);
  expect(all).not.toContain(names.vifChain);
  // Those of guests continue in lower case.
  for (const name of all) expect(name).toMatch(/^GUESTGATE-[A-Z]+$/);
  expect(chainsOf('qemu-web').accepts).toMatch(/^GUESTGATE-[a-z2-7]+$/);
});
