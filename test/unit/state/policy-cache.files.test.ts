import '../own-folders.ts';
import { mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { readPolicyCache, readWholePolicyCache, writePolicyCache } from '../../../src/state/policy-cache.ts';
import { folderTest as test } from '../own-folders.ts';

const main = join(paths.configuration, 'guestgate.toml');
const cache = stateFiles.policies;
const head = { host: defaultHostPolicy, networks: new Map(), absent: [] };
const found = (snat: string) => ({ policy: { snat: [snat] }, problems: [] });
const names = ['web', 'Web', 'my web', '__proto__', 'ä', 'a\tb', '服务器', 'w'];
const guests = new Map(names.map((name, at) => [name, { file: main, found: found(`203.0.113.${at}`) }]));

/** A configuration that is older than the clock of file systems ticks. */
async function configure(): Promise<void> {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(main, '[host]');
  await passed(120);
}

const write = (unchanged = () => true) =>
  writePolicyCache({ shared: [paths.configuration, main], others: [] }, head, guests, unchanged);

test('every guest is found by its name, and no other', async () => {
  await configure();
  write();
  const read = readPolicyCache();
  expect(read).toMatchObject({ host: defaultHostPolicy, absent: [] });
  for (const [name, guest] of guests) expect(read?.guest(name), name).toEqual(guest.found);
  for (const name of ['we', 'webb', 'constructor', '', '"web"', 'a'])
    expect(read?.guest(name), name).toBeUndefined();
  expect([...(readWholePolicyCache()?.guests.keys() ?? [])].sort()).toEqual([...names].sort());
});

test('it counts only as long as every file is as it was', async () => {
  await configure();
  write();
  utimesSync(main, 1, 1);
  expect([readPolicyCache(), readWholePolicyCache()]).toEqual([undefined, undefined]);
});

test('files that changed while they were read are not cached', async () => {
  await configure();
  write(() => false);
  expect(readPolicyCache()).toBeUndefined();
});

test('a cache that was cut, is of another version, or is no file counts as none', async () => {
  await configure();
  write();
  const whole = readFileSync(cache, 'utf8');
  truncateSync(cache, Buffer.byteLength(whole) - 1);
  expect(readPolicyCache()).toBeUndefined();
  writeFileSync(cache, whole.replace(/"format":(\d)/, '"format":0'));
  expect(readPolicyCache()).toBeUndefined();
  writeFileSync(cache, 'garbage');
  expect([readPolicyCache(), readWholePolicyCache()]).toEqual([undefined, undefined]);
  rmSync(cache);
  mkdirSync(cache);
  expect(readPolicyCache()).toBeUndefined();
});
