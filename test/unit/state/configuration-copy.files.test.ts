import '../own-folders.ts';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, expect } from 'vitest';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { paths } from '../../../src/model/paths.ts';
import {
  copyOfDisk,
  isSameCopy,
  keepApplied,
  keepAppliedFile,
  readApplied,
  withFile,
} from '../../../src/state/configuration-copy.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { folderTest as test } from '../own-folders.ts';

const main = `${paths.configuration}/guestgate.toml`;
const web = `${paths.configuration}/guests.d/web.toml`;

beforeEach(() => {
  mkdirSync(dirname(web), { recursive: true });
  writeFileSync(main, 'a');
});

const textOf = (path: string) => readApplied()?.files.find((file) => file.path === path)?.text;

test('the files are kept as they were applied', () => {
  keepApplied(configurationStamp());
  writeFileSync(main, 'edited');
  expect(readApplied()?.files).toEqual([{ path: main, text: 'a' }]);
  keepApplied(configurationStamp());
  expect(textOf(main)).toBe('edited');
});

test('files that changed after they were applied are not kept', () => {
  const stamp = configurationStamp();
  keepApplied(stamp);
  writeFileSync(main, 'changed since');
  keepApplied(stamp.replace(/.$/, 'x'));
  expect(textOf(main)).toBe('a');
});

test('while a change waits, what is applied is not kept', () => {
  keepApplied(configurationStamp());
  mkdirSync(keptFiles.pending);
  writeFileSync(main, 'waits');
  keepApplied(configurationStamp());
  keepAppliedFile(main, 'a', 'waits');
  expect(textOf(main)).toBe('a');
});

test('one file is kept alone, but only if what it replaces was applied', () => {
  keepApplied(configurationStamp());
  keepAppliedFile(web, undefined, 'new');
  expect(textOf(web)).toBe('new');
  keepAppliedFile(web, 'edited by hand and not applied', 'more');
  expect(textOf(web)).toBe('new');
});

test('a copy that others could have written, or that is damaged, is refused, and the next one replaces it', () => {
  keepApplied(configurationStamp());
  chmodSync(keptFiles.applied, 0o666);
  expect(readApplied).toThrow('can be written by all users');
  chmodSync(keptFiles.applied, 0o600);
  writeFileSync(keptFiles.applied, '{"format":1');
  expect(readApplied).toThrow('guestgate apply writes it again');
  keepApplied(configurationStamp());
  expect(textOf(main)).toBe('a');
});

test('there is no copy at first', () => {
  expect(readApplied()).toBeUndefined();
});

test('a file that others can write is not copied', () => {
  chmodSync(main, 0o666);
  expect(copyOfDisk).toThrow('can be written by all users');
  expect(readFileSync(main, 'utf8')).toBe('a');
});

test('two copies are the same if the same files hold the same texts', () => {
  const copy = copyOfDisk();
  expect(isSameCopy(copy, withFile(copy, main, 'a'))).toBe(true);
  expect(isSameCopy(copy, withFile(copy, main, 'b'))).toBe(false);
  expect(isSameCopy(copy, withFile(copy, web, 'a'))).toBe(false);
});
