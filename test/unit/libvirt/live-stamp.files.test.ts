import '../own-folders.ts';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { isFileName, liveProcess, liveStamp } from '../../../src/libvirt/live-stamp.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed } from '../records.ts';

const web = guestNamed('web');
const path = join(paths.libvirtRun, 'qemu', 'web.xml');
function run(text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test.each([
  ["<!--\nWARNING\n-->\n<domstatus state='running' reason='booted' pid='1234'>", 1234],
  ["<domstatus pid='1234' state='running'>", 1234],
  ["<domstatus state='running'>", undefined],
  ["<domstatus pid='0'>", undefined],
  ["<domstatus pid='1'>", undefined],
  ["<domstatus pid='12345678901'>", undefined],
  ["<domain pid='1234'>", undefined],
  ['', undefined],
])('%j', (text, process) => {
  run(text);
  expect(liveProcess(web)).toBe(process);
});

test('a guest that does not run is no process, and has no stamp', () => {
  expect(liveProcess(web)).toBeUndefined();
  expect(liveStamp(web)).toBeUndefined();
});

test('the stamp changes with each file that is written', () => {
  run('<domstatus/>');
  const first = liveStamp(web);
  expect(liveStamp(web)).toBe(first);
  rmSync(path);
  run('<domstatus />');
  expect(liveStamp(web)).not.toBe(first);
});

test('a name that leads elsewhere is no file’s name; dots alone are one', () => {
  expect(['', '../web', 'a/b', 'a\0b'].map(isFileName)).toEqual([false, false, false, false]);
  expect(['..', '.', 'a b', '-x', 'ü"'].map(isFileName)).toEqual([true, true, true, true, true]);
  run("<domstatus pid='1234'>");
  expect(liveProcess(guestNamed('../qemu/web'))).toBeUndefined();
  expect(liveStamp(guestNamed('../qemu/web'))).toBeUndefined();
});
