import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { singleFlight } from '../../../src/state/single-flight.ts';
import { folderTest as test } from '../own-folders.ts';

const lockFile = stateFiles.parsing;

test('what is written down is not found out again', async () => {
  const work = () => {
    throw new Error('not needed');
  };
  expect(await singleFlight(lockFile, () => 7, work)).toBe(7);
});

test('otherwise it is, with the lock held, which is free afterwards', async () => {
  let locked: boolean | undefined;
  const work = async () => {
    locked = isProcessLocked(lockFile);
    return 8;
  };
  expect(await singleFlight(lockFile, () => undefined, work)).toBe(8);
  expect(locked).toBe(true);
  expect(isProcessLocked(lockFile)).toBe(false);
});

test('work that fails frees the lock', async () => {
  const work = () => {
    throw new Error('disk full');
  };
  await expect(singleFlight(lockFile, () => undefined, work)).rejects.toThrow('disk full');
  expect(isProcessLocked(lockFile)).toBe(false);
});

test('what another process wrote down between the look and the lock counts', async () => {
  let looks = 0;
  const known = () => (++looks === 1 ? undefined : 9);
  expect(await singleFlight(lockFile, known, () => 0)).toBe(9);
});

test('a state folder that cannot be made: each process does the work itself', async () => {
  mkdirSync(dirname(paths.state), { recursive: true });
  writeFileSync(paths.state, 'a file');
  expect(
    await singleFlight(
      lockFile,
      () => undefined,
      () => 10,
    ),
  ).toBe(10);
});
