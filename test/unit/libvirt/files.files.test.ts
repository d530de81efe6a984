import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import {
  definedDomains,
  hasDriverFolder,
  hasLibvirt,
  hostsFile,
  isDefinedFor,
  isLive,
  leaseFile,
  liveDomainFiles,
  liveNetworkNames,
  networkFiles,
  readLiveDomain,
  readPersistentDomain,
} from '../../../src/libvirt/files.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

function put(path: string, text = 'x'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const uuid = 'a1b2c3d4-0000-4000-8000-000000000001';

test('a host without libvirt has none of its files', () => {
  expect(hasLibvirt()).toBe(false);
  expect(liveDomainFiles('qemu')).toEqual([]);
  expect(liveNetworkNames()).toEqual([]);
  expect(definedDomains()).toEqual([]);
  expect(readPersistentDomain('web')).toBeUndefined();
  expect(networkFiles('default').map(({ text }) => text)).toEqual([undefined, undefined]);
});

test('what runs and what is defined, of each driver; names are those of the files', () => {
  put(join(paths.libvirtRun, 'qemu', 'a b.xml'));
  put(join(paths.libvirtRun, 'qemu', 'a b.pid'));
  put(join(paths.libvirtDomains, 'lxc', '...xml'));
  expect(liveDomainFiles('qemu')).toEqual([{ driver: 'qemu', name: 'a b' }]);
  expect(definedDomains()).toEqual([{ driver: 'lxc', name: '..' }]);
  expect(hasDriverFolder('qemu')).toBe(true);
  expect(hasDriverFolder('lxc')).toBe(false);
  expect(isLive({ driver: 'qemu', name: 'a b' })).toBe(true);
  expect(isDefinedFor('lxc', '..')).toBe(true);
  expect(isDefinedFor('qemu', 'a b'), 'it runs').toBe(true);
  expect(isDefinedFor('libxl', 'a b')).toBe(false);
});

test('a name that leads to another folder has no file', () => {
  put(join(paths.libvirtRun, 'secret.xml'));
  const name = '../secret';
  expect(readLiveDomain({ driver: 'qemu', name })).toBeUndefined();
  expect(isLive({ driver: 'qemu', name })).toBe(false);
  expect(isDefinedFor('qemu', name)).toBe(false);
  expect(networkFiles(name)).toEqual([]);
  expect(hostsFile(name)).toBeUndefined();
  expect(leaseFile(name)).toBeUndefined();
});

test('a definition by name is QEMU’s first; by UUID, that of the guest which has it', () => {
  put(join(paths.libvirtDomains, 'qemu', 'web.xml'), '<qemu/>');
  put(join(paths.libvirtDomains, 'lxc', 'web.xml'), `<uuid>${uuid}</uuid>`);
  expect(readPersistentDomain('web')?.guest.driver).toBe('qemu');
  expect(readPersistentDomain('lxc:web')?.guest.driver).toBe('lxc');
  expect(readPersistentDomain(uuid)?.guest.driver).toBe('lxc');
  expect(readPersistentDomain(uuid.replace('a1', 'b1'))).toBeUndefined();
});

test('leases are libvirt’s, or those of the host’s own dnsmasq', () => {
  const own = join(paths.dnsmasq, 'virbr0.status');
  expect(leaseFile('virbr0')).toEqual({ path: own });
  const host = put(paths.hostLeases[1], '1 leases');
  expect(leaseFile('virbr0')).toEqual({ path: host, text: '1 leases' });
  put(own, '[]');
  expect(leaseFile('virbr0')).toEqual({ path: own, text: '[]' });
});

test('a file that cannot be read tells no more than one that is not there', () => {
  mkdirSync(join(paths.libvirtNetworks, 'default.xml'), { recursive: true });
  expect(networkFiles('default').map(({ text }) => text)).toEqual([undefined, undefined]);
});
