import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GuestDriver } from '../../../src/model/guest.ts';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { becomeFollower, endFollower, filesChange, isFollowed } from '../../../src/state/follower-process.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('one process follows leases', () => {
  makeState();
  const follower = becomeFollower();
  expect(becomeFollower()).toBeUndefined();
  expect(isProcessLocked(stateFiles.follower)).toBe(true);
  follower?.release();
  becomeFollower()?.release();
});

test('ending a follower that does not run ends nothing', () => {
  makeState();
  writeFileSync(stateFiles.follower, String(process.pid));
  endFollower();
  expect(isProcessLocked(stateFiles.follower)).toBe(false);
});

test('a lease that dnsmasq writes ends the wait', async () => {
  mkdirSync(paths.dnsmasq, { recursive: true });
  const change = filesChange(600_000);
  writeFileSync(join(paths.dnsmasq, 'virbr0.status'), '[]');
  expect(await change).toBe('leases');
});

test('so does the status file of a guest', async () => {
  mkdirSync(join(paths.libvirtRun, 'qemu'), { recursive: true });
  const change = filesChange(600_000);
  writeFileSync(join(paths.libvirtRun, 'qemu', 'web.xml'), '<domstatus/>');
  expect(await change).toBe('guests');
});

test('guests with leases are followed, and those of libvirt whose ports are checked, or will be', () => {
  const elements = [{ kind: 'vif', port: 'vnet0', way: 'bridged' }] as const;
  const guest = (driver: GuestDriver) => ({ driver, name: 'web' });
  for (const driver of ['qemu', 'lxc'] as const)
    expect(isFollowed({ guest: guest(driver), elements })).toBe(true);
  for (const driver of ['libxl', 'local'] as const)
    expect(isFollowed({ guest: guest(driver), elements })).toBe(false);
  const forward = { kind: 'inside', interface: 'vnet0' } as const;
  expect(isFollowed({ guest: guest('qemu'), elements: [forward] })).toBe(false);
  expect(isFollowed({ guest: guest('qemu'), elements: [] })).toBe(false);
  expect(isFollowed({ guest: guest('qemu'), elements: [], confined: true })).toBe(true);
  expect(isFollowed({ guest: guest('qemu'), elements: [], confinement: { access: 'none' } })).toBe(true);
  expect(isFollowed({ guest: guest('local'), elements: [], byLease: true })).toBe(true);
});

test('so does a signal, also where the folder is not there yet', async () => {
  const ending = new AbortController();
  const change = filesChange(600_000, ending.signal);
  ending.abort();
  await change;
  expect(await filesChange(1)).toBe('nothing');
});
