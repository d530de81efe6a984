import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { withDefinition } from '../../../src/desired/libvirt-definition.ts';
import type { Guest } from '../../../src/model/guest.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

const uuid = 'a1b2c3d4-0000-4000-8000-000000000001';
const guest: Guest = { driver: 'libxl', name: 'web', uuid, nics: [] };
const xml = (port: number, id = `<uuid>${uuid}</uuid>`) =>
  `<domain><name>web</name>${id}<metadata><gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward><gg:range start="${port}"/></gg:portForward></gg:guest></metadata></domain>`;
function put(folder: string, text: string): void {
  mkdirSync(join(folder, 'libxl'), { recursive: true });
  writeFileSync(join(folder, 'libxl', 'web.xml'), text);
}
const found = async () => JSON.stringify((await withDefinition(guest)).metadata) ?? '';

test('a guest of xl alone has no metadata', async () => {
  expect(await withDefinition(guest)).toEqual({ guest });
});

test('the live XML counts; while libvirt starts the guest, its definition', async () => {
  put(paths.libvirtDomains, xml(80));
  expect(await found()).toContain('80');
  put(paths.libvirtRun, `<domstatus>${xml(81)}</domstatus>`);
  expect(await found()).toContain('81');
});

test('the definition of another guest by that name gives it nothing', async () => {
  put(paths.libvirtDomains, xml(80, `<uuid>${uuid.replace('a1', 'b1')}</uuid>`));
  expect(await found()).toBe('');
  put(paths.libvirtDomains, xml(80, ''));
  expect(await found()).toContain('80');
});

test('XML that cannot be read is an error: a policy may be in it', async () => {
  put(paths.libvirtDomains, '<domain>');
  await expect(withDefinition(guest)).rejects.toThrow('not well-formed');
});
