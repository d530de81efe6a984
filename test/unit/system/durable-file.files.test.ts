import '../own-folders.ts';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import { renameDurably, writeDurably } from '../../../src/system/durable-file.ts';
import { folderTest as test } from '../own-folders.ts';

test('a file is replaced, in a folder that only root may read', ({ root }) => {
  const path = `${root}/folder/file`;
  writeDurably(path, 'one');
  writeDurably(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${root}/folder`).mode & 0o777).toBe(0o700);
  expect(readdirSync(`${root}/folder`)).toEqual(['file']);
});

test('what cannot be written leaves nothing, and says where', ({ root }) => {
  mkdirSync(`${root}/folder/file`, { recursive: true });
  expect(() => writeDurably(`${root}/folder/file`, 'x')).toThrow(`writing ${root}/folder/file`);
  expect(readdirSync(`${root}/folder`)).toEqual(['file']);
});

test('a file is renamed, or the error names both', ({ root }) => {
  writeDurably(`${root}/a/one`, 'x');
  mkdirSync(`${root}/b`);
  renameDurably(`${root}/a/one`, `${root}/b/two`);
  expect(readFileSync(`${root}/b/two`, 'utf8')).toBe('x');
  expect(() => renameDurably(`${root}/a/one`, `${root}/b/two`)).toThrow(`renaming ${root}/a/one to`);
});
