import '../own-folders.ts';
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { hookFiles, running } from '../../../src/libvirt/hook-files.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

const hook = join(paths.libvirtHooks, 'qemu');
function install(): void {
  mkdirSync(`${hook}.d`, { recursive: true });
  mkdirSync(dirname(paths.program), { recursive: true });
  writeFileSync(paths.program, '#!/bin/sh\n', { mode: 0o755 });
}
const found = () =>
  hookFiles('qemu').map(({ path, ours, executable }) => [path.slice(hook.length), ours, executable]);

test('without a hook there is no file', () => {
  expect(found()).toEqual([]);
});

test('a link to the program is ours, the hook of another program is not', () => {
  install();
  writeFileSync(hook, '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync(paths.program, `${hook}.d/50-guestgate`);
  expect(found()).toEqual([
    ['', false, true],
    ['.d/50-guestgate', true, true],
  ]);
});

test('so is whatever leads to it: a link to a link, as distributions make them', () => {
  install();
  symlinkSync(paths.program, join(paths.libvirtHooks, 'alternative'));
  symlinkSync('alternative', hook);
  expect(found()).toEqual([['', true, true]]);
  linkSync(paths.program, `${hook}.d/copy`);
  expect(found().at(-1)).toEqual(['.d/copy', false, true]);
});

test('libvirt cannot run it: the program is gone, or not executable', () => {
  install();
  symlinkSync(paths.program, hook);
  chmodSync(paths.program, 0o644);
  expect(found()).toEqual([['', true, false]]);
  symlinkSync(`${paths.program}.gone`, `${hook}.d/x`);
  expect(found().at(-1)).toEqual(['.d/x', false, false]);
});

test('a folder is no hook', () => {
  mkdirSync(join(`${hook}.d`, 'old'), { recursive: true });
  expect(found()).toEqual([]);
});

test('a process by its name, and when it started', () => {
  const name = readFileSync('/proc/self/comm', 'utf8').trim();
  const own = running([name]).find(({ pid }) => pid === process.pid);
  expect(own?.name).toBe(name);
  expect(Math.abs((own?.since ?? 0) - performance.timeOrigin)).toBeLessThan(60_000);
  expect(running(['no such program'])).toEqual([]);
});
