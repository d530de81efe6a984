import '../own-folders.ts';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { becomeRetry } from '../../../src/state/retry-process.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('one process does what hooks left, and its place is free when it ends', () => {
  makeState();
  const release = becomeRetry();
  expect(release).toBeDefined();
  expect(becomeRetry()).toBeUndefined();
  release?.();
  expect(isProcessLocked(stateFiles.retry)).toBe(false);
});
