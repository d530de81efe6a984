import '../own-folders.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import { endLockHolder, isProcessLocked, takeProcessLock } from '../../../src/state/background.ts';
import { makeState } from '../../../src/system/files.ts';
import { takeIfFree } from '../../../src/system/lock.ts';
import { folderTest as test } from '../own-folders.ts';

const file = stateFiles.watcher;

/** Takes the lock, and writes what its holder has written by then. */
function hold(text: string): () => void {
  makeState();
  const descriptor = takeIfFree(file);
  if (descriptor === undefined) throw new Error('the lock is not free');
  writeFileSync(file, text);
  return () => closeSync(descriptor);
}

test('one process at a time has the lock', () => {
  makeState();
  expect(isProcessLocked(file)).toBe(false);
  const release = takeProcessLock(file);
  expect(isProcessLocked(file)).toBe(true);
  expect(takeProcessLock(file)).toBeUndefined();
  release?.();
  expect(isProcessLocked(file)).toBe(false);
});

test('the process that has the lock is ended, and one that has ended since is no error', async () => {
  const child = spawn('sleep', ['60']);
  const release = hold(String(child.pid));
  const ended = once(child, 'exit');
  endLockHolder(file);
  expect(await ended).toEqual([null, 'SIGTERM']);
  endLockHolder(file);
  release();
});

test.for(['', '0', '1', '-1', 'x'])('a holder that has written %j is no process to end', (text) => {
  // What it would end in earnest is the group of this process, or the system.
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const release = hold(text);
  endLockHolder(file);
  expect(kill).not.toHaveBeenCalled();
  kill.mockRestore();
  release();
});

test('a process whose lock is free again is not ended, whichever has its number now', async () => {
  const child = spawn('sleep', ['60']);
  hold(String(child.pid))();
  endLockHolder(file);
  expect(child.signalCode).toBeNull();
  child.kill('SIGKILL');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
});
