import '../own-folders.ts';
import { expect } from 'vitest';
import { rollBackHere, rollBackIfDue } from '../../../src/apply/roll-back.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

test('what is not due is not rolled back', async () => {
  await expect(rollBackIfDue()).resolves.toBeUndefined();
  writePending({ stamp: '', files: [] }, 60);
  await expect(rollBackIfDue()).resolves.toBeUndefined();
  expect(mayBePending()).toBe(true);
});

test('if the copy is lost, the change stays, and does not block the next one', async () => {
  writePending({ stamp: '', files: [] }, 60);
  await expect(rollBackHere()).rejects.toThrow('the change stays in place');
  expect(mayBePending()).toBe(false);
});
