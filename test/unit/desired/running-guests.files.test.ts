import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  allLiveDomains,
  findLive,
  lookForLife,
  readDomain,
  withChangedInterfaces,
} from '../../../src/desired/running-guests.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed } from '../records.ts';

const uuid = 'a1b2c3d4-0000-4000-8000-000000000001';
function run(
  driver: string,
  name: string,
  domain = `<domain><name>${name}</name><uuid>${uuid}</uuid></domain>`,
): void {
  const folder = join(paths.libvirtRun, driver);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.xml`), `<domstatus state='running' pid='9'>${domain}</domstatus>`);
}

test('a host without libvirt and Xen runs no guest, and none is certainly gone', () => {
  expect(allLiveDomains()).toEqual([]);
  const life = lookForLife();
  expect(life.isLive(guestNamed('web'))).toBe(false);
  expect(life.isGone(guestNamed('web'))).toBe(false);
});

test('guests of all drivers, whatever their names are; other files are none', () => {
  run('qemu', 'web');
  run('lxc', 'a "b"');
  writeFileSync(join(paths.libvirtRun, 'qemu', 'web.pid'), '9');
  expect(allLiveDomains()).toEqual([
    { driver: 'qemu', name: 'web' },
    { driver: 'lxc', name: 'a "b"' },
  ]);
});

test('a guest is gone once libvirt keeps files for its driver and none of it', () => {
  run('qemu', 'web');
  const life = lookForLife();
  expect(life.isLive(guestNamed('web'))).toBe(true);
  expect(life.isGone(guestNamed('mail'))).toBe(true);
  expect(life.isGone({ driver: 'lxc', name: 'mail' }), 'of another driver').toBe(false);
});

test('a key finds QEMU’s guest first, and a UUID the guest that has it', () => {
  run('lxc', 'web', '<domain><name>web</name></domain>');
  expect(findLive('web')?.driver).toBe('lxc');
  run('qemu', 'web');
  expect(findLive('web')?.driver).toBe('qemu');
  expect(findLive('lxc:web')?.driver).toBe('lxc');
  expect(findLive(uuid)?.driver).toBe('qemu');
  expect(findLive('mail')).toBeUndefined();
});

test('a guest that has just ended has no description; one that cannot be read is an error', async () => {
  expect(await readDomain({ driver: 'qemu', name: 'web' })).toBeUndefined();
  run('qemu', 'web', '<domain><name>web');
  await expect(readDomain({ driver: 'qemu', name: 'web' })).rejects.toThrow('not well-formed');
});

test('while the file does not show an attached interface, the interfaces of the record count', () => {
  const nics = [{ tap: 'vnet7', addresses: [] }];
  const domain = { guest: guestNamed('web') };
  const record = { guest: { ...guestNamed('web'), nics }, outdatedFile: 'stamp 1' };
  expect(withChangedInterfaces(domain, record, 'stamp 1').guest.nics).toEqual(nics);
  expect(withChangedInterfaces(domain, record, 'stamp 2')).toBe(domain);
  expect(withChangedInterfaces(domain, { guest: record.guest }, undefined)).toBe(domain);
});
