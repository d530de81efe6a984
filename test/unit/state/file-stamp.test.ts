import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinStamps, stampOf } from '../../../src/state/file-stamp.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-stamp-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const path = () => join(folder, 'a.toml');

test('a file that is not there has a stamp, too, and one that is there another', () => {
  expect(stampOf(path())).toEqual({ text: 'missing', changed: 0n });
  writeFileSync(path(), 'x');
  expect(stampOf(path()).text).not.toBe('missing');
});

test('the same file has the same stamp; another content of the same length has another', () => {
  writeFileSync(path(), 'x');
  const { text } = stampOf(path());
  expect(stampOf(path()).text).toBe(text);
  writeFileSync(`${path()}.new`, 'y');
  renameSync(`${path()}.new`, path());
  expect(stampOf(path()).text).not.toBe(text);
});

test('another mode is another stamp: the file may be refused now', () => {
  writeFileSync(path(), 'x', { mode: 0o644 });
  const { text, changed } = stampOf(path());
  chmodSync(path(), 0o666);
  expect(stampOf(path()).text).not.toBe(text);
  expect(stampOf(path()).changed >= changed).toBe(true);
});

test('a link is what it leads to, and one to itself cannot be looked at', () => {
  writeFileSync(join(folder, 'b.toml'), 'x');
  symlinkSync('b.toml', path());
  expect(stampOf(path()).text).toBe(stampOf(join(folder, 'b.toml')).text);
  symlinkSync('loop', join(folder, 'loop'));
  expect(() => stampOf(join(folder, 'loop'))).toThrow('ELOOP');
});

test('stamps of several files are not those of fewer', () => {
  expect(joinStamps(['1', '2'])).not.toBe(joinStamps(['12']));
  expect(joinStamps(['missing'])).not.toBe(joinStamps(['missing', 'missing']));
});
