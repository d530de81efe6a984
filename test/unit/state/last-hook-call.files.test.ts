import '../own-folders.ts';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { lastCalled, noteCall } from '../../../src/state/last-hook-call.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('no state folder is made for it', () => {
  noteCall();
  expect([existsSync(paths.state), lastCalled()]).toEqual([false, undefined]);
});

test('it is known from the first call on, and the file stays empty', () => {
  makeState();
  expect(lastCalled()).toBeUndefined();
  noteCall();
  noteCall();
  expect(lastCalled()).toBeGreaterThan(0);
  expect(statSync(stateFiles.called).size).toBe(0);
});

test('a folder in its place keeps no hook from its work', () => {
  mkdirSync(stateFiles.called, { recursive: true });
  expect(noteCall).not.toThrow();
});
