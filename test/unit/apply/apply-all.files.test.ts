import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { applyFound } from '../../../src/apply/apply-all.ts';
import { paths } from '../../../src/model/paths.ts';
import { readApplied } from '../../../src/state/configuration-copy.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { folderTest as test } from '../own-folders.ts';

test('a copy is kept of what was applied for all guests, and of nothing less', async () => {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(`${paths.configuration}/guestgate.toml`, '');
  const deltas = {
    all: [],
    changing: [],
    hostChanges: false,
    networks: [],
    problems: [],
    wanted: {},
    read: { stamp: configurationStamp(), isValid: true },
  };
  await applyFound(deltas, false);
  expect(readApplied()).toBeUndefined();
  await applyFound(deltas, true);
  expect(readApplied()).toBeDefined();
});
