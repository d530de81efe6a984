import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, expect } from 'vitest';
import {
  beginChange,
  confirmChange,
  refuseBeside,
  rejectChange,
  settlePending,
} from '../../../src/apply/confirm.ts';
import { paths } from '../../../src/model/paths.ts';
import { keepApplied } from '../../../src/state/configuration-copy.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

beforeEach(() => {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(`${paths.configuration}/guestgate.toml`, '');
});

test('files that are as they were applied are no change', () => {
  keepApplied(configurationStamp());
  expect(beginChange(60)).toBeUndefined();
  expect(mayBePending()).toBe(false);
});

test('what cannot be rolled back does not begin', () => {
  expect(() => beginChange(60)).toThrow('could not roll back');
});

test('while a change waits, no other begins', async () => {
  writePending({ stamp: '', files: [] }, 60);
  expect(refuseBeside).toThrow(/another change waits \d+ seconds/);
  expect(() => beginChange(60)).toThrow('another change');
  await expect(settlePending()).rejects.toThrow('another change');
  await expect(confirmChange()).resolves.toBe('confirmed');
  await expect(settlePending()).resolves.toBeUndefined();
});

test('without a change there is nothing to confirm or to roll back', async () => {
  await expect(confirmChange()).rejects.toThrow('no change waits');
  await expect(rejectChange()).rejects.toThrow('no change waits');
});
