import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { guestsByAddress } from '../../../src/import/known-guests.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const domain = (name: string, inner: string) =>
  `<domain type='kvm'><name>${name}</name><devices><interface type='network'>${inner}</interface></devices></domain>`;

test('a guest is found by a reservation, by a lease, and by what its XML gives it, whether it runs or not', async () => {
  put(join(paths.libvirtDomains, 'qemu/web.xml'), domain('web', "<mac address='52:54:00:aa:bb:01'/>"));
  put(join(paths.libvirtDomains, 'qemu/db.xml'), domain('db', "<mac address='52:54:00:aa:bb:02'/>"));
  put(
    join(paths.libvirtDomains, 'lxc/box.xml'),
    domain('box', "<mac address='52:54:00:aa:bb:03'/><ip address='192.168.122.43'/>"),
  );
  put(
    join(paths.libvirtNetworks, 'default.xml'),
    `<network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
     <host mac='52:54:00:aa:bb:01' ip='192.168.122.41'/></dhcp></ip></network>`,
  );
  put(
    join(paths.dnsmasq, 'virbr0.status'),
    JSON.stringify([
      { 'ip-address': '192.168.122.42', 'mac-address': '52:54:00:aa:bb:02' },
      { 'ip-address': '192.168.122.77', 'mac-address': '52:54:00:aa:bb:99' },
    ]),
  );
  expect(Object.fromEntries(await guestsByAddress())).toEqual({
    '192.168.122.41': 'web',
    '192.168.122.42': 'db',
    '192.168.122.43': 'box',
  });
});
