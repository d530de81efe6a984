import '../own-folders.ts';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { isCount, isObject } from '../../../src/model/shape.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { parseState, readState, setAside, writeState } from '../../../src/state/state-file.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

const file = join(paths.state, 'x.json');
const hasShape = isObject({ count: isCount });

test('it is read as it was written, also over what was there', () => {
  expect(readState(file, 1, hasShape)).toEqual({ kind: 'missing' });
  for (const count of [1, 2]) {
    writeState(file, 1, { count });
    expect(readState(file, 1, hasShape)).toEqual({ kind: 'read', value: { format: 1, count } });
  }
});

test.for([
  ['', 'its JSON is incomplete or invalid'],
  ['{"format":1,"count":1', 'its JSON is incomplete or invalid'],
  ['null', 'it has no format number, and this version reads format 1'],
  ['7', 'it has no format number, and this version reads format 1'],
  ['{"format":"1","count":1}', 'it has format "1", and this version reads format 1'],
  ['{"format":2,"count":1}', 'it has format 2, and this version reads format 1'],
  ['{"format":1}', 'it does not have the fields of format 1'],
])('%j: %s', ([text = '', why]) => {
  expect(parseState(text, 1, hasShape)).toEqual({ kind: 'unreadable', why });
});

test('what is no file is unreadable, and is moved out of the way as it is', () => {
  mkdirSync(file, { recursive: true });
  const why = expect.stringContaining('not a regular file');
  expect(readState(file, 1, hasShape)).toMatchObject({ kind: 'unreadable', why });
  expect(setAside(file)).toBe(join(stateFiles.unreadable, 'x.json'));
  expect(readState(file, 1, hasShape)).toEqual({ kind: 'missing' });
});

test('a file replaces a folder that was set aside before', () => {
  mkdirSync(join(stateFiles.unreadable, 'x.json', 'full'), { recursive: true });
  writeFileSync(file, 'garbage');
  setAside(file);
  expect(readState(file, 1, hasShape)).toEqual({ kind: 'missing' });
});

test('a device that never ends, or a link to nothing, is no file of state', () => {
  makeState();
  symlinkSync('/dev/zero', file);
  expect(readState(file, 1, hasShape).kind).toBe('unreadable');
  symlinkSync('/nowhere/at/all', `${file}.2`);
  expect(readState(`${file}.2`, 1, hasShape)).toEqual({ kind: 'missing' });
});
