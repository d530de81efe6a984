import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maximumInput } from '../../../src/model/problem.ts';
import {
  guestsFolder,
  isConfigurationFile,
  mainFile,
  readConfigurationFiles,
  unreadNames,
} from '../../../src/system/configuration-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-configuration-'));
  mkdirSync(guestsFolder(folder));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text = name) => writeFileSync(join(folder, name), text);
const read = () =>
  readConfigurationFiles(folder).map(({ path, text, refused }) => [
    path.slice(folder.length + 1),
    text ?? refused?.problem,
  ]);

test('the main file first, then the others by name; hidden files and other endings are not read', () => {
  for (const name of [
    'guests.d/b.toml',
    'guests.d/a.toml',
    'guests.d/.c.toml',
    'guests.d/d.conf',
    'guestgate.toml',
  ])
    put(name);
  expect(read().map(([path]) => path)).toEqual(['guestgate.toml', 'guests.d/a.toml', 'guests.d/b.toml']);
  expect(unreadNames(folder)).toEqual(['d.conf']);
});

test('a host without configuration has no files', () => {
  rmSync(folder, { recursive: true });
  expect(readConfigurationFiles(folder)).toEqual([]);
  expect(unreadNames(folder)).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  'a file that another user could write is refused, the others are read',
  () => {
    put('guests.d/a.toml');
    put('guests.d/b.toml');
    chmodSync(join(folder, 'guests.d/a.toml'), 0o666);
    expect(read()).toEqual([
      ['guests.d/a.toml', 'can be written by all users, and is not read'],
      ['guests.d/b.toml', 'guests.d/b.toml'],
    ]);
  },
);

test.skipIf(process.getuid?.() !== 0)('a folder that belongs to another user refuses what is in it', () => {
  put('guests.d/a.toml');
  put('guestgate.toml');
  chownSync(guestsFolder(folder), 1, 1);
  expect(read()).toEqual([
    ['guestgate.toml', 'guestgate.toml'],
    ['guests.d/a.toml', expect.stringContaining('belongs to user 1')],
  ]);
});

test('a link to nothing, a folder and a file without end are problems, not silence', () => {
  symlinkSync('gone', join(folder, 'guests.d/a.toml'));
  mkdirSync(join(folder, 'guests.d/b.toml'));
  put('guests.d/c.toml', 'x'.repeat(maximumInput + 1));
  expect(read()).toEqual([
    ['guests.d/a.toml', 'is a link to a missing file'],
    ['guests.d/b.toml', expect.stringContaining('it is not a regular file')],
    ['guests.d/c.toml', 'cannot be read: it is longer than 8 MiB'],
  ]);
});

test('names', () => {
  expect(mainFile('/etc/guestgate')).toBe('/etc/guestgate/guestgate.toml');
  expect(['a.toml', '.a.toml', 'a.toml~', 'toml'].map(isConfigurationFile)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
