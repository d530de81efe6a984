import '../own-folders.ts';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import {
  readRecord,
  readRecords,
  removeRecord,
  setRecordAside,
  writeRecord,
} from '../../../src/state/records.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf, recordOf } from '../records.ts';

const folder = join(paths.state, 'guests');
const web = recordOf('web', {
  elements: [forwardOf(8080)],
  address: '192.168.122.41',
  addressSource: 'lease',
});

function write(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

test('a record is read as it was written, whatever its guest is named', () => {
  for (const name of ['web', 'my web', '__proto__', '-rf', 'ä"\n', 'x'.repeat(200)]) {
    const record = { ...web, guest: { ...web.guest, name } };
    writeRecord(record);
    expect(readRecords(), name).toEqual([{ format: 2, ...record }]);
    removeRecord(record.guest);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('there is no record, and then no more', () => {
  expect(readRecord('qemu-web')).toBeUndefined();
  expect(readRecords()).toEqual([]);
  writeRecord(web);
  removeRecord(web.guest);
  expect(readRecord('qemu-web')).toBeUndefined();
});

test.for([
  ['an empty file, as a full disk leaves it', ''],
  ['a file that was cut', JSON.stringify({ format: 2, ...web }).slice(0, -20)],
  ['another version', JSON.stringify({ ...web, format: 1 })],
  ['no format', JSON.stringify(web)],
  ['a list', '[]'],
  ['nothing', 'null'],
  ['an element of an unknown kind', JSON.stringify({ format: 2, ...web, elements: [{ kind: 'backdoor' }] })],
  ['no generation', JSON.stringify({ format: 2, ...web, generation: undefined })],
  ['uplinks that are no lists', JSON.stringify({ format: 2, ...web, uplinks: { '203.0.113.9': 'eth0' } })],
])('%s is unreadable: it says so, and holds nothing', ([, text = '']) => {
  write('qemu-web.json', text);
  const record = readRecord('qemu-web');
  expect(record).toMatchObject({ guest: { driver: 'qemu', name: 'web' }, elements: [], generation: 0 });
  expect(record?.unreadable).toMatch(/^its JSON|^it has|^it does not have/);
  expect(record?.problems).toMatchObject([{ kind: 'unreadable', severity: 'something' }]);
});

test('an unreadable record is one of all records, and others are as they were', () => {
  writeRecord(recordOf('a'));
  write('qemu-b.json', '{');
  expect(readRecords().map(({ guest, unreadable }) => [guest.name, unreadable !== undefined])).toEqual([
    ['a', false],
    ['b', true],
  ]);
});

test('removing an unreadable record keeps it for the administrator, even if it is a folder', () => {
  mkdirSync(join(folder, 'qemu-web.json'), { recursive: true });
  removeRecord(web.guest);
  expect(readdirSync(folder)).toEqual([]);
  expect(readdirSync(join(paths.state, 'unreadable'))).toEqual(['qemu-web.json']);
});

test('what was set aside later replaces what was set aside before', () => {
  for (const text of ['first', 'second']) {
    write('qemu-web.json', text);
    expect(readFileSync(setRecordAside('qemu-web'), 'utf8')).toBe(text);
  }
});

test('that a record was unreadable is not written into the next one', () => {
  writeRecord({ ...web, unreadable: 'its JSON is incomplete or invalid' });
  expect(readRecord('qemu-web')?.unreadable).toBeUndefined();
});
