import '../own-folders.ts';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { becomeRollBack } from '../../../src/state/roll-back-process.ts';
import { folderTest as test } from '../own-folders.ts';

test('one process waits for a confirmation, and gives its place free', () => {
  const release = becomeRollBack();
  expect(isProcessLocked(stateFiles.rollBack)).toBe(true);
  expect(becomeRollBack()).toBeUndefined();
  release?.();
  expect(isProcessLocked(stateFiles.rollBack)).toBe(false);
});
