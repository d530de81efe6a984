import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { isPending, readJournal, writeJournal } from '../../../src/state/journal.ts';
import { folderTest as test } from '../own-folders.ts';

const file = join(paths.state, 'journal.json');
const nothingKnown = { transaction: 0, pending: ['all'], refused: [] };

test('before the first transaction nothing is known to agree, and nothing was interrupted', () => {
  expect(readJournal()).toEqual(nothingKnown);
  expect(isPending('qemu-web')).toBe(false);
});

test('it is read as it was written', () => {
  writeJournal({ transaction: 7, pending: ['qemu-web'], refused: ['qemu-b'] });
  expect(readJournal()).toMatchObject({ transaction: 7, pending: ['qemu-web'], refused: ['qemu-b'] });
  expect([isPending('qemu-web'), isPending('qemu-b')]).toEqual([true, false]);
});

test('a transaction of all concerns every record', () => {
  writeJournal({ transaction: 7, pending: ['all'], refused: [] });
  expect(isPending('qemu-b')).toBe(true);
});

test('a journal of a version without refused guests has none', () => {
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(file, '{"format":1,"transaction":3,"pending":[]}');
  expect(readJournal()).toMatchObject({ transaction: 3, pending: [], refused: [] });
});

test.for([
  '',
  '{',
  '{"format":2,"transaction":3,"pending":[]}',
  '{"format":1,"transaction":-1,"pending":[]}',
])('an unreadable journal, %j, has the rules rebuilt', (text) => {
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(file, text);
  expect(readJournal()).toEqual(nothingKnown);
  expect(isPending('qemu-web')).toBe(true);
});
