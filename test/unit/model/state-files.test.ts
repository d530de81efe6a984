import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { earlierStateFiles, stateFiles } from '../../../src/model/state-files.ts';

const files = Object.values(stateFiles);
const earlier = Object.values(earlierStateFiles);

test('each file has a path of its own, directly in the state folder', () => {
  expect(new Set([...files, ...earlier]).size).toBe(files.length + earlier.length);
  for (const file of [...files, ...earlier]) expect(dirname(file)).toBe(paths.state);
});

test('no file has the name of another with an ending that writing adds to it', () => {
  for (const file of files)
    expect(
      files.filter((other) => other.startsWith(`${file}.`)),
      file,
    ).toEqual([]);
});
