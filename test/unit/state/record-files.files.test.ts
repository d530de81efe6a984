import '../own-folders.ts';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import {
  hasRecord,
  hasRecords,
  recordFile,
  recordNames,
  removeRecordOrphans,
} from '../../../src/state/record-files.ts';
import { folderTest as test } from '../own-folders.ts';

const folder = join(paths.state, 'guests');

test('without a folder, and with an empty one, there are no records', () => {
  expect([hasRecords(), recordNames()]).toEqual([false, []]);
  mkdirSync(folder, { recursive: true });
  expect([hasRecords(), recordNames()]).toEqual([false, []]);
});

test('records are files that end in .json', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(recordFile('qemu-web'), '');
  writeFileSync(join(folder, 'qemu-b.json.17.tmp'), '');
  expect(recordNames()).toEqual(['qemu-web']);
  expect(hasRecords()).toBe(true);
  expect(hasRecord({ driver: 'qemu', name: 'web' })).toBe(true);
  expect(hasRecord({ driver: 'lxc', name: 'web' })).toBe(false);
});

test('what a killed process left goes; what a running one is writing stays', () => {
  mkdirSync(folder, { recursive: true });
  const left = join(folder, 'qemu-a.json.4999999.tmp');
  const writing = join(folder, `qemu-b.json.${process.pid}.tmp`);
  for (const file of [left, writing, recordFile('qemu-c')]) writeFileSync(file, '');
  removeRecordOrphans();
  expect([left, writing, recordFile('qemu-c')].map((file) => existsSync(file))).toEqual([false, true, true]);
});
