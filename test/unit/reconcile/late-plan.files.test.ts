import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { liveStamp } from '../../../src/libvirt/live-stamp.ts';
import type { GuestId } from '../../../src/model/guest.ts';
import { paths } from '../../../src/model/paths.ts';
import { asItIsNow } from '../../../src/reconcile/late-plan.ts';
import { markEnded, markStarted } from '../../../src/state/ended-guests.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';
import { applyOf } from './plans.ts';

const web: GuestId = { driver: 'qemu', name: 'web' };
const now = { configuration: () => 'monday', before: { generation: 7 }, host: () => 'eth0' };

/** libvirt's file of the running guest. */
function run(pid: number): void {
  const folder = join(paths.libvirtRun, 'qemu');
  mkdirSync(folder, { recursive: true });
  const xml = `<domstatus state='running' reason='booted' pid='${pid}'><domain type='kvm'><name>web</name></domain></domstatus>`;
  writeFileSync(join(folder, 'web.xml'), xml);
}

test('a plan whose premise holds counts as it was made', async () => {
  const request = applyOf('web');
  expect(await asItIsNow(request, now)).toBe(request);
});

test('the end of the guest overrules its own start', async () => {
  makeState();
  markEnded(web);
  expect(await asItIsNow(applyOf('web'), now)).toEqual({ kind: 'remove', guest: web, ended: true });
  markStarted(web);
  expect(await asItIsNow(applyOf('web'), now)).toMatchObject({ kind: 'apply' });
});

test('a guest that runs again as another process has not ended, whatever the mark says', async () => {
  makeState();
  run(1234);
  markEnded(web);
  expect(await asItIsNow(applyOf('web'), now)).toMatchObject({ kind: 'remove', ended: true });
  run(1235);
  expect(await asItIsNow(applyOf('web'), now)).toMatchObject({ kind: 'apply' });
});

test('a removal counts for the guest’s own end, whatever has changed', async () => {
  const request = { kind: 'remove', guest: web, ended: true } as const;
  expect(await asItIsNow(request, { ...now, configuration: () => 'tuesday' })).toBe(request);
});

test('a removal because a guest has no policy counts while its premise holds', async () => {
  const request = { kind: 'remove', guest: web, ended: false, premise: { configuration: 'monday' } } as const;
  expect(await asItIsNow(request, now)).toBe(request);
});

test('a command’s plan for a guest that runs counts, by the stamp of the file of libvirt', async () => {
  run(1234);
  const live = liveStamp(web) ?? '';
  const request = applyOf('web', { cause: 'command', premise: { configuration: 'monday', record: 7, live } });
  expect(await asItIsNow(request, now)).toBe(request);
});
