import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DoctorContext } from '../../../src/doctor/check.ts';
import { unreadConfiguration } from '../../../src/doctor/unread-files.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

const look = () => unreadConfiguration({} as DoctorContext);
function put(...names: string[]): string {
  const folder = join(paths.configuration, 'guests.d');
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

test('a host without configuration has no file that is not read', async () => {
  expect(await look()).toEqual([]);
});

test('a file whose name does not end in .toml is named, with the command that renames it', async () => {
  const folder = put('web.toml', 'mail.conf', "a 'b'");
  const found = await look();
  expect(found.map(({ subject }) => subject)).toEqual([`${folder}/a 'b'`, `${folder}/mail.conf`]);
  expect(found[1]?.fix).toBe(`mv ${folder}/mail.conf ${folder}/mail.toml`);
  expect(found[0]?.fix).toContain("'\\''b'\\''");
});

test('what editors and package managers leave is no configuration', async () => {
  put('.web.toml.swp', 'web.toml~', 'web.toml.bak', 'web.toml.dpkg-old', 'README', 'mail.rpmnew');
  expect(await look()).toEqual([]);
});
