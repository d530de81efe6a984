import '../own-folders.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { fileToEdit, mistakesWith, writeEdited } from '../../../src/publish/edited-file.ts';
import { folderTest as test } from '../own-folders.ts';

test('a file is named by its path, by its name, or not at all', () => {
  const main = join(paths.configuration, 'guestgate.toml');
  const web = join(paths.configuration, 'guests.d/web.toml');
  for (const name of [undefined, 'guestgate.toml', main]) expect(fileToEdit(name).path).toBe(main);
  for (const name of ['web', 'web.toml', web])
    expect(fileToEdit(name)).toEqual({ path: web, before: undefined });
  for (const name of ['/etc/passwd', '../web', '.web', `${web}/x`])
    expect(() => fileToEdit(name), name).toThrow('guestgate reads');
});

test('mistakes have their line, and a mistake between two files is one', async () => {
  mkdirSync(join(paths.configuration, 'guests.d'), { recursive: true });
  writeFileSync(join(paths.configuration, 'guests.d/web.toml'), '[guest.web]\nforward = ["80"]\n');
  const file = fileToEdit(undefined);
  expect(await mistakesWith(file, '[guest.db]\nforward = ["5432"]\n')).toEqual([]);
  expect(await mistakesWith(file, '\n[guest.db]\nforwards = []\n')).toMatchObject([
    { subject: `${file.path}:3` },
  ]);
  expect(await mistakesWith(file, '[guest.web]\n')).toHaveLength(1);
});

test('a file that another program changed meanwhile stays as it is', async () => {
  mkdirSync(paths.configuration, { recursive: true });
  const path = join(paths.configuration, 'guestgate.toml');
  writeFileSync(path, 'new');
  await expect(writeEdited({ path, before: 'old' }, 'mine')).rejects.toThrow(
    'another program keeps changing it',
  );
  expect(readFileSync(path, 'utf8')).toBe('new');
});
