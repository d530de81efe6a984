import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findRemarks } from '../../../src/check/remarks.ts';
import type { Reading } from '../../../src/desired/host-reading.ts';
import { describeFinding } from '../../../src/model/finding.ts';
import { paths } from '../../../src/model/paths.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { folderTest as test } from '../own-folders.ts';

async function remarks(
  text: string,
  running: readonly string[] = [],
  lacks = () => undefined as string | undefined,
) {
  const configuration = { ...parseConfiguration([{ path: '/g.toml', text }], '/g.toml'), files: [] };
  const view = { addresses: 'any', addressesOn: () => [], interfacesOf: () => ['eth0'] };
  const reading = { configuration, hostView: () => view, lacks } as unknown as Reading;
  return (await findRemarks(reading, (guest) => running.includes(guest))).map(describeFinding);
}
/** Names that libvirt knows are not misspelt. */
function define(...names: string[]): void {
  mkdirSync(join(paths.libvirtDomains, 'qemu'), { recursive: true });
  for (const name of names) writeFileSync(join(paths.libvirtDomains, 'qemu', `${name}.xml`), '<domain/>');
}
const guest = (name: string, keys: string) => `[guest.${name}]\naddress = "192.168.122.9"\n${keys}\n`;

test('two guests that want one port, unless both run: then one of them has a problem already', async () => {
  define('a', 'b');
  const text = guest('a', 'forward = ["80"]') + guest('b', 'forward = ["80"]');
  expect((await remarks(text)).join()).toContain('guests "a" and "b": both want');
  expect((await remarks(text, ['a'])).join()).toContain('both want');
  expect(await remarks(text, ['a', 'b'])).toEqual([]);
});

test('a guest with a mistake in its policy takes nothing', async () => {
  define('a', 'b');
  expect(await remarks(guest('a', 'forward = ["80"]') + guest('b', 'forward = ["80"]\nforwrd = 1'))).toEqual(
    [],
  );
});

test('a network that libvirt does not know', async () => {
  const text = '[network.dmz]\nsnat = "203.0.113.9"\n';
  expect(await remarks(text)).toEqual([
    'network "dmz": has a policy, and libvirt knows no network of that name',
  ]);
  mkdirSync(paths.libvirtNetworks, { recursive: true });
  writeFileSync(join(paths.libvirtNetworks, 'dmz.xml'), '<network/>');
  expect(await remarks(text)).toEqual([]);
});

test('a forward within the ports by which another guest’s connections leave with the same address', async () => {
  define('a', 'b');
  const found = await remarks(
    guest('a', 'snat = "203.0.113.9"') + guest('b', 'forward = ["203.0.113.9:40000:80"]'),
  );
  expect(found.join()).toMatch(/guest "b": .*40000.* leave with 203\.0\.113\.9/);
});

test('what the back end lacks is a remark until the guest runs, which has it as a problem', async () => {
  define('a');
  const lacks = () => 'it cannot be done';
  const limited = 'forward = [{ port = "80", connections = 5 }]';
  expect((await remarks(guest('a', limited), [], lacks)).join()).toContain('guest "a"');
  expect(await remarks(guest('a', limited), ['a'], lacks)).toEqual([]);
});
