import '../own-folders.ts';
import { existsSync, mkdirSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { addToTally, readTally } from '../../../src/state/tally.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('without a state folder nothing is counted, and none is made', () => {
  expect(addToTally(stateFiles.calls)).toBeUndefined();
  expect([existsSync(paths.state), readTally(stateFiles.calls)]).toEqual([false, 0]);
});

test('each addition gets the next number', () => {
  makeState();
  expect([1, 2, 3].map(() => addToTally(stateFiles.calls))).toEqual([1, 2, 3]);
  expect(readTally(stateFiles.calls)).toBe(3);
});

test('a folder in its place counts nothing, and nothing fails', () => {
  mkdirSync(stateFiles.calls, { recursive: true });
  expect(addToTally(stateFiles.calls)).toBeUndefined();
  expect(readTally(stateFiles.calls)).toBe(0);
});
