import '../own-folders.ts';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeEach, expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { copyOfDisk, withFile } from '../../../src/state/configuration-copy.ts';
import {
  prepareRestore,
  removePrepared,
  restoreConfiguration,
} from '../../../src/state/restore-configuration.ts';
import { folderTest as test } from '../own-folders.ts';

const main = `${paths.configuration}/guestgate.toml`;
const folder = `${paths.configuration}/guests.d`;
const web = `${folder}/web.toml`;
const read = (path: string) => readFileSync(path, 'utf8');

beforeEach(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(main, 'main', { mode: 0o640 });
  writeFileSync(web, 'web');
});

test('files come back: changed, removed and added ones; the texts they had stay beside them', () => {
  const before = copyOfDisk();
  writeFileSync(main, 'changed');
  rmSync(web);
  writeFileSync(`${folder}/new.toml`, 'new');
  const restored = restoreConfiguration(before);
  expect(restored).toEqual([
    { path: main, kept: `${main}.rolled-back` },
    { path: web, kept: undefined },
    { path: `${folder}/new.toml`, kept: `${folder}/new.toml.rolled-back` },
  ]);
  expect([read(main), read(web), read(`${main}.rolled-back`)]).toEqual(['main', 'web', 'changed']);
  expect(readdirSync(folder).sort()).toEqual(['new.toml.rolled-back', 'web.toml']);
  expect(statSync(main).mode & 0o777).toBe(0o640);
  expect(restoreConfiguration(before)).toEqual([]);
});

test('a prepared text is renamed into its place, with the mode that the file had', () => {
  const before = copyOfDisk();
  prepareRestore(before, withFile(before, main, 'changed'));
  const prepared = `${paths.configuration}/.guestgate-before.guestgate.toml`;
  const { ino } = statSync(prepared);
  writeFileSync(main, 'changed');
  restoreConfiguration(before);
  expect(read(main)).toBe('main');
  expect([statSync(main).ino, statSync(main).mode & 0o777]).toEqual([ino, 0o640]);
  expect(readdirSync(folder)).toEqual(['web.toml']);
});

test('a prepared text of another change is not taken, and what is not needed any more is removed', () => {
  const before = copyOfDisk();
  prepareRestore(before, withFile(before, main, 'changed'));
  const prepared = `${paths.configuration}/.guestgate-before.guestgate.toml`;
  writeFileSync(prepared, 'something else');
  writeFileSync(main, 'changed');
  restoreConfiguration(before);
  expect(read(main)).toBe('main');
  removePrepared(before);
  expect(existsSync(prepared)).toBe(false);
});

test('a link stays a link', ({ root }) => {
  writeFileSync(`${root}/elsewhere`, 'linked');
  rmSync(web);
  symlinkSync(`${root}/elsewhere`, web);
  const before = copyOfDisk();
  prepareRestore(before, withFile(before, web, 'changed'));
  writeFileSync(web, 'changed');
  expect(restoreConfiguration(before)).toEqual([{ path: web, kept: `${root}/elsewhere.rolled-back` }]);
  expect([readlinkSync(web), read(web)]).toEqual([`${root}/elsewhere`, 'linked']);
});

test('where nothing can be prepared, nothing is left', () => {
  const before = copyOfDisk();
  mkdirSync(`${folder}/.guestgate-before.web.toml/x`, { recursive: true });
  const after = { stamp: '', files: [] };
  expect(() => prepareRestore(before, after)).toThrow(`preparing the rollback of ${web}`);
  expect(readdirSync(paths.configuration).sort()).toEqual(['guestgate.toml', 'guests.d']);
});
