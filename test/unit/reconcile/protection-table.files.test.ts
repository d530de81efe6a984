import '../own-folders.ts';
import { expect } from 'vitest';
import { isProtectionLost, restoreProtection } from '../../../src/reconcile/protection-table.ts';
import { recordProtection } from '../../../src/state/protection.ts';
import { folderTest as test } from '../own-folders.ts';

test('without a record nothing is lost, and nothing is made', async () => {
  expect(isProtectionLost()).toBe(false);
  await expect(restoreProtection(true)).resolves.toEqual([]);
});

test('a table that is in the record and not in the kernel is lost', () => {
  recordProtection({ protection: { icmp: 'needed', reject: [], sshPorts: [] }, marker: 'policy_nowhere' });
  expect(isProtectionLost()).toBe(true);
});
