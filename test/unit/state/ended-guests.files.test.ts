import '../own-folders.ts';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { hasEnded, markEnded, markStarted, thinOutEnded } from '../../../src/state/ended-guests.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

const web = { driver: 'qemu', name: 'web' } as const;
const folder = stateFiles.ended;

/** libvirt's file of the running guest. */
function live(pid: number | undefined, more = ''): void {
  const run = join(paths.libvirtRun, 'qemu');
  mkdirSync(run, { recursive: true });
  const process = pid === undefined ? '' : ` pid='${pid}'`;
  writeFileSync(join(run, 'web.xml'), `<domstatus state='running'${process}>${more}</domstatus>`);
}

test('without a state folder nothing is marked: there is nothing to overrule', () => {
  markEnded(web);
  expect(hasEnded(web)).toBe(false);
});

test('an end counts until the next start', () => {
  makeState();
  markEnded(web);
  expect([hasEnded(web), hasEnded({ driver: 'lxc', name: 'web' })]).toEqual([true, false]);
  markStarted(web);
  expect(hasEnded(web)).toBe(false);
  markStarted(web);
});

test('libvirt still lists the process that has ended, and may write its file again', () => {
  makeState();
  live(1234);
  markEnded(web);
  live(1234, ' again');
  expect(hasEnded(web)).toBe(true);
});

test('another process of that name has started without a hook', () => {
  makeState();
  live(1234);
  markEnded(web);
  live(1235);
  expect(hasEnded(web)).toBe(false);
});

test('of guests that are no process, the file counts', () => {
  makeState();
  live(undefined);
  markEnded(web);
  expect(hasEnded(web)).toBe(true);
  live(undefined, ' another');
  expect(hasEnded(web)).toBe(false);
});

test('a mark that cannot be read counts', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'qemu-web.json'), '{');
  expect(hasEnded(web)).toBe(true);
});

test('of very many marks the oldest go, and none of a guest that is listed', () => {
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: 513 }, (_, at) => `qemu-${String(at).padStart(3, '0')}`);
  for (const [at, name] of names.entries()) {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, '');
    utimesSync(path, 1000 + at, 1000 + at);
  }
  thinOutEnded((name) => name === 'qemu-000');
  const left = readdirSync(folder).map((file) => file.replace('.json', ''));
  expect(left).toEqual(['qemu-000', ...names.slice(258)]);
  thinOutEnded(() => false);
  expect(readdirSync(folder)).toHaveLength(256);
});
