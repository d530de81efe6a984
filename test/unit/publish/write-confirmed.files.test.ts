import '../own-folders.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { writeConfirmed } from '../../../src/publish/write-confirmed.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

const path = `${paths.configuration}/guestgate.toml`;

test('without a time, the file is written and nothing waits', () => {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(path, 'a');
  expect(writeConfirmed({ path, before: 'a', after: 'b' }, undefined)).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('b');
  expect(mayBePending()).toBe(false);
});

test('while a change waits, nothing is written with a time', () => {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(path, 'a');
  writePending({ stamp: '', files: [] }, 60);
  expect(() => writeConfirmed({ path, before: 'a', after: 'b' }, 60)).toThrow('another change');
  expect(readFileSync(path, 'utf8')).toBe('a');
});
