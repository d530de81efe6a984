import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { isProcessLocked } from '../../../src/state/background.ts';
import { becomeFollower, endFollower, leasesChange } from '../../../src/state/lease-process.ts';
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
  const change = leasesChange(600_000);
  writeFileSync(join(paths.dnsmasq, 'virbr0.status'), '[]');
  await change;
});

test('so does a signal, also where the folder is not there yet', async () => {
  const ending = new AbortController();
  const change = leasesChange(600_000, ending.signal);
  ending.abort();
  await change;
  await leasesChange(1);
});
