import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { findGuest } from '../../../src/desired/find-guest.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

const uuid = 'a1b2c3d4-0000-4000-8000-000000000001';
const xml = (name: string, tap = '') =>
  `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><devices><interface type='network'><source network='default'/>${tap}</interface></devices></domain>`;
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const define = (name: string, driver = 'qemu') =>
  put(join(paths.libvirtDomains, driver, `${name}.xml`), xml(name));
const run = (name: string, driver = 'qemu') =>
  put(
    join(paths.libvirtRun, driver, `${name}.xml`),
    `<domstatus state='running' pid='9'>${xml(name, "<target dev='vnet3'/>")}</domstatus>`,
  );

test('a guest that libvirt does not know has that name: its policy may be written before', async () => {
  expect(await findGuest('web')).toEqual({
    guest: { driver: 'qemu', name: 'web', nics: [] },
    running: false,
    defined: false,
  });
  expect((await findGuest('lxc:web')).guest).toMatchObject({ driver: 'lxc', name: 'web' });
});

test('a defined guest, by its name, driver and name, or UUID', async () => {
  define('web');
  for (const key of ['web', 'qemu:web', uuid]) {
    expect(await findGuest(key), key).toMatchObject({
      guest: { name: 'web', uuid },
      running: false,
      defined: true,
    });
  }
  expect(await findGuest('lxc:web')).toMatchObject({ defined: false });
});

test('a running guest is described by what runs, not by its definition', async () => {
  define('web');
  run('web');
  const found = await findGuest(uuid);
  expect(found).toMatchObject({ running: true, defined: true });
  expect(found.guest.nics[0]?.tap).toBe('vnet3');
});

test('a guest that runs without a definition is gone when it stops', async () => {
  run('tmp');
  expect(await findGuest('tmp')).toMatchObject({ running: true, defined: false });
});

test('a definition of another driver by the same name is not that guest’s', async () => {
  run('web');
  define('web', 'lxc');
  expect(await findGuest('web')).toMatchObject({ guest: { driver: 'qemu' }, defined: false });
});
