import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replacePublicFile } from '../../../src/system/public-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-public-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every user may read it, and nothing else is left', () => {
  const path = join(folder, 'a.prom');
  replacePublicFile(path, 'one');
  replacePublicFile(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(lstatSync(path).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder)).toEqual(['a.prom']);
});

test('a link in its place is replaced, and what it leads to stays', () => {
  writeFileSync(join(folder, 'precious'), 'old');
  symlinkSync(join(folder, 'precious'), join(folder, 'a.prom'));
  replacePublicFile(join(folder, 'a.prom'), 'new');
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('old');
  expect(readFileSync(join(folder, 'a.prom'), 'utf8')).toBe('new');
});

test('a folder that is missing is an error that names the file', () => {
  expect(() => replacePublicFile(join(folder, 'none/a.prom'), '')).toThrow(/^writing .*none\/a\.prom/);
});
