import '../own-folders.ts';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { keptFiles } from '../../../src/model/kept-files.ts';
import {
  readSavedListing,
  readSavedRules,
  removeSavedRules,
  writeSavedRules,
} from '../../../src/state/saved-rules.ts';
import { folderTest as test } from '../own-folders.ts';

const saved = { boot: 'b', backend: 'nftables', tables: [], bypassed: [], made: [], settings: {} } as const;

test('what is saved comes back, for root alone, and the listings stay', () => {
  expect(readSavedRules()).toBeUndefined();
  writeSavedRules(saved, { 'ruleset.nft': 'table ip x {\n}\n' });
  expect(readSavedRules()).toMatchObject(saved);
  expect(statSync(keptFiles.rescue).mode & 0o777).toBe(0o700);
  removeSavedRules();
  expect(readSavedRules()).toBeUndefined();
  expect(readSavedListing()).toBe('table ip x {\n}\n');
});

test('a damaged file is an error: without it, nothing would bring the rules back', () => {
  writeSavedRules(saved, {});
  writeFileSync(keptFiles.saved, '{"format":1');
  expect(readSavedRules).toThrow(/saved\.json.*before the rescue/);
});

test('a file that others could have written is not read', () => {
  writeSavedRules(saved, {});
  chmodSync(keptFiles.saved, 0o666);
  expect(readSavedRules).toThrow('chmod');
});
