import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  canRun,
  readFolder,
  readText,
  removeFile,
  removeOrphans,
  replaceFile,
  writeWhole,
} from '../../../src/system/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

test('a file that is not there has no text, whatever is missing of its path', () => {
  writeFileSync(at('file'), 'x');
  expect(readText(at('none'))).toBeUndefined();
  expect(readText(at('none/none'))).toBeUndefined();
  expect(readText(at('file/none'))).toBeUndefined();
  expect(readFolder(at('none'))).toEqual([]);
});

test('a pipe is not waited for, and a folder is no text', () => {
  execFileSync('mkfifo', [at('pipe')]);
  expect(() => readText(at('pipe'))).toThrow(/^reading .*pipe/);
  expect(() => readText(folder)).toThrow(/^reading /);
  writeFileSync(at('file'), '');
  expect(readFolder(folder)).toEqual(['file', 'pipe']);
});

test('a text replaces another whole; only root may read it, and nothing else is left', () => {
  writeWhole(at('new/folder/file'), 'one');
  writeWhole(at('new/folder/file'), 'two');
  expect(readText(at('new/folder/file'))).toBe('two');
  expect(statSync(at('new/folder/file')).mode & 0o777).toBe(0o600);
  expect(statSync(at('new/folder')).mode & 0o777).toBe(0o700);
  expect(readdirSync(at('new/folder'))).toEqual(['file']);
});

test('a folder in place of the file goes: guestgate makes none there', () => {
  mkdirSync(at('file/inner'), { recursive: true });
  writeWhole(at('file'), 'x');
  expect(readText(at('file'))).toBe('x');
});

test('a link is replaced, and what it leads to stays', () => {
  writeFileSync(at('precious'), 'old');
  symlinkSync(at('precious'), at('file'));
  writeWhole(at('file'), 'new');
  expect([readText(at('precious')), readText(at('file'))]).toEqual(['old', 'new']);
});

test('a link with the name of the temporary file goes, and what it leads to stays', () => {
  writeFileSync(at('precious'), 'old');
  symlinkSync(at('precious'), at(`file.${process.pid}.tmp`));
  writeWhole(at('file'), 'new');
  expect([readText(at('precious')), readText(at('file'))]).toEqual(['old', 'new']);
  expect(readdirSync(folder)).toEqual(['file', 'precious']);
});

test('a folder with that name is an error: what is in it stays', () => {
  mkdirSync(at(`file.${process.pid}.tmp/inner`), { recursive: true });
  expect(() => writeWhole(at('file'), 'x')).toThrow(/^writing .*file/);
  expect(existsSync(at(`file.${process.pid}.tmp/inner`))).toBe(true);
});

test('a file for others has its mode from its first moment with its name, and nothing is left where writing fails', () => {
  replaceFile(at('file'), at('temporary'), 'x', { mode: 0o640, group: 0, durable: true });
  expect(statSync(at('file')).mode & 0o777).toBe(0o640);
  expect(() => replaceFile(at('none/file'), at('temporary'), 'x')).toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('what cannot be written is an error that names the file, and the old text stays', () => {
  writeFileSync(at('file'), 'old');
  expect(() => writeWhole(at('file/inner'), 'x')).toThrow(/^writing .*file\/inner/);
  expect(readText(at('file'))).toBe('old');
});

test('files that a killed process left go; those of a process that runs stay', () => {
  for (const name of [`a.${process.pid}.tmp`, 'a.999999999.tmp', 'a.tmp', 'a.json'])
    writeFileSync(at(name), '');
  removeOrphans(folder);
  expect(readdirSync(folder).sort()).toEqual([`a.${process.pid}.tmp`, 'a.json', 'a.tmp']);
  removeOrphans(at('none'));
});

test('removing what is not there is done already; a folder goes with what is in it', () => {
  mkdirSync(at('folder/inner'), { recursive: true });
  removeFile(at('folder'));
  removeFile(at('folder'));
  expect(existsSync(at('folder'))).toBe(false);
});

test('a program that may be run', () => {
  writeFileSync(at('a'), '', { mode: 0o755 });
  writeFileSync(at('b'), '', { mode: 0o644 });
  expect([at('a'), at('b'), at('none')].map(canRun)).toEqual([true, false, false]);
  expect(readFileSync(at('a'), 'utf8')).toBe('');
});
