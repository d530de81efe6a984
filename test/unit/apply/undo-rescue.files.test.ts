import '../own-folders.ts';
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { confirmChange, rejectChange } from '../../../src/apply/confirm.ts';
import { undoRescue, undoRescueNow } from '../../../src/apply/undo-rescue.ts';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { writeSavedRules } from '../../../src/state/saved-rules.ts';
import { folderTest as test } from '../own-folders.ts';

const ofOtherBoot = {
  boot: 'another boot',
  backend: 'nftables',
  tables: [{ family: 'inet', name: 'filter' }],
  bypassed: [],
  made: [],
  settings: {},
} as const;

test('without a rescue there is nothing to undo', async () => {
  await expect(undoRescue()).resolves.toBeUndefined();
  await expect(undoRescueNow()).rejects.toThrow('no rescue is in place');
});

test('after a boot, the kernel holds nothing of it: nothing is touched, and it is over', async () => {
  writeSavedRules(ofOtherBoot, {});
  await expect(undoRescueNow()).resolves.toEqual({ undone: false, changed: [] });
  expect(existsSync(keptFiles.saved)).toBe(false);
});

test('one that was killed before it saved anything is over, too', async () => {
  writePending('rescue', 60);
  await expect(undoRescueNow()).resolves.toEqual({ undone: false, changed: [] });
  expect(mayBePending()).toBe(false);
});

test('a rescue that is confirmed stays, and can be undone later', async () => {
  writePending('rescue', 60);
  writeSavedRules(ofOtherBoot, {});
  await expect(confirmChange()).resolves.toBe('confirmed');
  expect([mayBePending(), existsSync(keptFiles.saved)]).toEqual([false, true]);
});

test('a rescue that is rejected restores no configuration', async () => {
  writePending('rescue', 60);
  writeSavedRules(ofOtherBoot, {});
  await expect(rejectChange()).resolves.toEqual({ files: [], problems: [], rescue: true });
  expect([mayBePending(), existsSync(keptFiles.saved)]).toEqual([false, false]);
});
