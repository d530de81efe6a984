import '../own-folders.ts';
import { expect } from 'vitest';
import { awaitConfirmation } from '../../../src/apply/await-confirmation.ts';
import { becomeRollBack } from '../../../src/state/roll-back-process.ts';
import { folderTest as test } from '../own-folders.ts';

test('it ends if no change waits, or if another process waits already', async () => {
  await expect(awaitConfirmation()).resolves.toBe(0);
  const release = becomeRollBack();
  await expect(awaitConfirmation()).resolves.toBe(0);
  release?.();
});
