import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { longestXml, recordedXml } from '../../../src/hook/recorded-xml.ts';
import { parseDomain } from '../../../src/libvirt/domain.ts';
import { parseMetadata } from '../../../src/policy/metadata.ts';
import { repositoryPath } from '../../support/repository.ts';

const fixture = (name: string) =>
  readFileSync(repositoryPath(`test/fixtures/libvirt-11.3.0/${name}`), 'utf8');

const secretive = `<domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>web</name><uuid>11111111-2222-3333-4444-555555555555</uuid>
  <metadata>
    <nova:instance xmlns:nova="http://openstack.org/nova"><nova:token>hunter2</nova:token></nova:instance>
    <gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward proto="tcp"><gg:range start="8080" to="80"/></gg:portForward></gg:guest>
    <note><![CDATA[</metadata><interface>hunter2</interface>]]></note>
  </metadata>
  <sysinfo type='smbios'><oemStrings><entry>ds=nocloud;password=hunter2</entry></oemStrings></sysinfo>
  <devices>
    <disk><auth username='a'><secret type='ceph' uuid='aaaaaaaa-0000-0000-0000-hunter200000'/></auth></disk>
    <interface type='network'><mac address='52:54:00:aa:bb:01'/><source network='default'/><target dev='vnet3'/></interface>
    <graphics type='vnc' passwd='hunter2'/>
  </devices>
  <qemu:commandline><qemu:arg value='hunter2'/></qemu:commandline>
</domain>`;

test('passwords, secrets, command lines and the metadata of others are not recorded', () => {
  const kept = recordedXml(secretive);
  expect(kept).not.toContain('hunter2');
  expect(kept).not.toContain('secret');
});

test.each([
  ['with a policy', secretive],
  ['of a real libvirt', fixture('qemu-tiny-started-begin.xml')],
])('a domain %s means the same to guestgate', async (_, xml) => {
  const [kept, whole] = await Promise.all(
    [recordedXml(xml) ?? '', xml].map((text) => parseDomain('qemu', text, 'web')),
  );
  expect(kept?.guest).toEqual(whole?.guest);
  expect(kept?.guest.nics).toHaveLength(1);
  expect(parseMetadata(kept?.metadata)).toEqual(parseMetadata(whole?.metadata));
});

test('a policy is kept whichever prefix its namespace has', async () => {
  const spelled = secretive.replaceAll('gg:', '').replace('xmlns:gg=', 'xmlns=');
  const { metadata } = await parseDomain('qemu', recordedXml(spelled) ?? '');
  expect(parseMetadata(metadata)?.policy.forwards).toHaveLength(1);
});

test('what networks tell is kept, and its metadata is not', () => {
  const xml = fixture('network-default-port-created-begin.xml');
  expect(recordedXml(xml)).toBe(xml);
  expect(recordedXml(xml.replace('<uuid>', '<metadata><a>hunter2</a></metadata><uuid>'))).toBe(xml);
});

test('what is too long is not kept', () => {
  expect(recordedXml(`<network><name>${'a'.repeat(longestXml)}</name></network>`)).toBeUndefined();
});
