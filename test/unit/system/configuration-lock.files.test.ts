import '../own-folders.ts';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { withConfigurationLock } from '../../../src/system/configuration-lock.ts';
import { folderTest as test } from '../own-folders.ts';

const isHeld = () => isProcessLocked(stateFiles.configurationLock);

test('the lock is held for the whole action, and free afterwards', async () => {
  const held = await withConfigurationLock(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return isHeld();
  });
  expect([held, isHeld()]).toEqual([true, false]);
});

test('an action that fails frees it', async () => {
  await expect(withConfigurationLock(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(isHeld()).toBe(false);
});

test('a hook never waits for it: the lock of all changes is another one', async () => {
  expect(await withConfigurationLock(async () => isProcessLocked(stateFiles.lock))).toBe(false);
});
