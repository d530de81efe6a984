import {
  chmodSync,
  lstatSync,
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
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guestFile, isTaken, replaceConfigurationFile } from '../../../src/system/guest-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-guest-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

test.each([
  ['web', 'web.toml'],
  ['web.example.com', 'web.example.com.toml'],
  ['a b', 'a%20b.toml'],
  ['.hidden', '%2Ehidden.toml'],
  ['..', '%2E%2E.toml'],
])('guest %j has the file %s', (name, file) => expect(basename(guestFile('/g', name))).toBe(file));

test('a name of any length and script has a file of its own, in the folder', () => {
  const names = ['x'.repeat(300), `${'x'.repeat(299)}y`, '日本'.repeat(60), 'a\tb"\\$(x)'];
  const files = names.map((name) => guestFile('/g', name));
  expect(new Set(files).size).toBe(files.length);
  for (const file of files) {
    expect(file).toMatch(/^\/g\/[\w%~-]+\.toml$/);
    expect(basename(file).length).toBeLessThan(200);
  }
});

test('a new file can be read by all, its folder is made, and nothing else is left', () => {
  replaceConfigurationFile(at('guests.d/web.toml'), undefined, 'x');
  expect(statSync(at('guests.d/web.toml')).mode & 0o777).toBe(0o644);
  expect(readdirSync(at('guests.d'))).toEqual(['web.toml']);
});

test('the mode stays, and a link stays a link', () => {
  mkdirSync(at('real'));
  writeFileSync(at('real/web.toml'), 'old');
  chmodSync(at('real/web.toml'), 0o640);
  symlinkSync('real/web.toml', at('web.toml'));
  replaceConfigurationFile(at('web.toml'), 'old', 'new');
  expect(lstatSync(at('web.toml')).isSymbolicLink()).toBe(true);
  expect(readFileSync(at('real/web.toml'), 'utf8')).toBe('new');
  expect(statSync(at('real/web.toml')).mode & 0o777).toBe(0o640);
});

test('a text that another program changed stays as that program left it', () => {
  writeFileSync(at('web.toml'), 'theirs');
  for (const before of [undefined, 'old'])
    expect(() => replaceConfigurationFile(at('web.toml'), before, 'mine')).toThrow(
      'another program keeps changing it',
    );
  expect(readFileSync(at('web.toml'), 'utf8')).toBe('theirs');
  expect(() => replaceConfigurationFile(at('gone.toml'), 'old', 'mine')).toThrow('another program');
});

test('what another user has put in the place of the temporary file is removed, and leads nowhere', () => {
  writeFileSync(at('precious'), 'old');
  symlinkSync(at('precious'), at(`.guestgate.${process.pid}.tmp`));
  replaceConfigurationFile(at('web.toml'), undefined, 'x');
  expect(readFileSync(at('precious'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['precious', 'web.toml']);
});

test('a name is taken by a file, and by a link to nothing', () => {
  symlinkSync('gone', at('link.toml'));
  expect([at('link.toml'), at('none.toml'), folder].map(isTaken)).toEqual([true, false, true]);
});
