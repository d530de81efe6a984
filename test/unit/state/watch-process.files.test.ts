import '../own-folders.ts';
import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { becomeWatcher, isWatched } from '../../../src/state/watch-process.ts';
import { folderTest as test } from '../own-folders.ts';

test('one process watches: a second one is refused until the first has ended', () => {
  expect(isWatched()).toBe(false);
  const watcher = becomeWatcher();
  expect(watcher?.isHeld()).toBe(true);
  expect(isWatched()).toBe(true);
  expect(becomeWatcher()).toBeUndefined();
  watcher?.release();
  expect(isWatched()).toBe(false);
  becomeWatcher()?.release();
});

test('a state folder that was removed beneath it does not make it two', () => {
  const watcher = becomeWatcher();
  rmSync(paths.state, { recursive: true });
  expect(watcher?.isHeld()).toBe(true);
  const other = becomeWatcher();
  expect(other).toBeDefined();
  expect(watcher?.isHeld(), 'another process has the new file').toBe(false);
  other?.release();
  watcher?.release();
});
