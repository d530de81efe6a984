import '../own-folders.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import {
  commitPending,
  isDue,
  markRestored,
  readPending,
  removePending,
  secondsLeft,
  writePending,
} from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

const candidate = { stamp: '', files: [{ path: '/x', text: 'y' }] };

/** Changes a field of the file. */
function tamper(change: object): void {
  const value = JSON.parse(readFileSync(keptFiles.waiting, 'utf8'));
  writeFileSync(keptFiles.waiting, JSON.stringify({ ...value, ...change }));
}

const state = () => {
  const found = readPending();
  if (found === undefined) throw new Error('no change waits');
  return found;
};

test('a change waits for its time', () => {
  writePending(candidate, 60);
  expect(state().stage).toBe('waiting');
  expect(isDue(state())).toBe(false);
  expect(secondsLeft(state())).toBeGreaterThan(0);
  tamper({ deadline: 0 });
  expect(isDue(state())).toBe(true);
  expect(secondsLeft(state())).toBe(0);
});

test.each([{ boot: 'another' }, { deadline: 'x' }, { format: 2 }])('it is due with %j', (change) => {
  writePending(candidate, 60);
  tamper(change);
  expect(isDue(state())).toBe(true);
});

test('when its files are restored, it is due until its rules are, too', () => {
  writePending(candidate, 60);
  markRestored();
  markRestored();
  expect(state().stage).toBe('restored');
  expect(isDue(state())).toBe(true);
  removePending();
  expect(readPending()).toBeUndefined();
  expect(mayBePending()).toBe(false);
});

test('a confirmed change is what was applied', () => {
  writePending(candidate, 60);
  commitPending();
  removePending();
  expect(JSON.parse(readFileSync(keptFiles.applied, 'utf8'))).toMatchObject(candidate);
});

test('a change that cannot be written does not wait', () => {
  mkdirSync(keptFiles.waiting, { recursive: true });
  expect(() => writePending(candidate, 60)).toThrow(`writing ${keptFiles.waiting}`);
  expect(existsSync(keptFiles.pending)).toBe(false);
});
