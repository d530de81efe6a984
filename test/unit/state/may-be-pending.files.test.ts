import '../own-folders.ts';
import { mkdirSync } from 'node:fs';
import { expect } from 'vitest';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { folderTest as test } from '../own-folders.ts';

test('a change may wait while its folder is there', () => {
  expect(mayBePending()).toBe(false);
  mkdirSync(keptFiles.pending, { recursive: true });
  expect(mayBePending()).toBe(true);
});
