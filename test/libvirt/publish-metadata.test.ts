import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { expectOpen } from './expect-open.ts';

/*
 * Forwards that are published into a guest's own XML, through virsh. The tests are one story: the guest runs from the
 * first on, and stops for the last.
 */

const metadata = `<gg:guest xmlns:gg="urn:guestgate:1" onError="start">
    <!-- ours -->
    <gg:portForward proto="tcp"><gg:range start="8080" to="80"/></gg:portForward>
  </gg:guest><other:note xmlns:other="urn:other">kept</other:note>`;
const web = {
  name: 'web',
  mac: '52:54:00:aa:bb:01',
  address: '192.168.122.41',
  metadata,
} satisfies TestGuest;
const bare = {
  name: '-bare "1"',
  mac: '52:54:00:aa:bb:02',
  address: '192.168.122.42',
  boots: false,
} satisfies TestGuest;

let host: LibvirtHost;
let uuid: string;
beforeAll(async () => {
  host = await LibvirtHost.create({ image: buildGuestImage(), guests: [web, bare] });
  expect(host.guestgate('install').status).toBe(0);
  await host.reloadLibvirtd();
  uuid = host.virsh('domuuid', 'web').stdout.trim();
  host.virsh('start', 'web');
  await expectOpen(host, { 8080: 'web' });
});
afterAll(() => host?.destroy());

const publish = (...args: readonly string[]) => host.guestgate('publish', '--metadata', ...args);
const unpublish = (...args: readonly string[]) => host.guestgate('unpublish', '--metadata', ...args);
/** What runs, and what is defined. */
const xml = () =>
  ['', '--inactive'].map((flag) => host.virsh('dumpxml', uuid, ...(flag ? [flag] : [])).stdout);

test('a temporary forward is in the XML of the running guest alone', async () => {
  const ran = host.guestgate('publish', '--temporary', 'web', '7443:80');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  await expectOpen(host, { 8080: 'web', 7443: 'web' });
  const [live, defined] = xml();
  expect(live).toContain('start="7443"');
  expect(defined).not.toContain('start="7443"');
  expect(publish('web', '6443:80').stderr).toContain('it has temporary forwards');
  host.virsh('destroy', 'web');
  host.virsh('start', 'web');
  await expectOpen(host, { 8080: 'web' });
  expect(host.guestgate('status', 'web').stdout).not.toContain('7443');
});

test('a running guest is open immediately, and at its next start: both XMLs contain the forward, and all else as before', async () => {
  const ran = publish('web', '8443:80');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain('+++ metadata (config, live)\n');
  expect(ran.stdout).toContain('+    <range start="8443" to="80"/>\n');
  await expectOpen(host, { 8080: 'web', 8443: 'web' });
  for (const text of xml()) {
    expect(text).toMatch(/<gg:portForward proto="tcp">\s*<gg:range start="8443" to="80"\/>/);
    expect(text).toContain('<!-- ours -->');
    expect(text).toContain('onError="start"');
    expect(text).toContain('<other:note xmlns:other="urn:other">kept</other:note>');
  }
});

test('twice is once', () => {
  const before = xml();
  expect(publish('web', '8443:80')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('8443:80 is already published'),
  });
  expect(xml()).toEqual(before);
});

test.each<[string, string, string]>([
  ['a port that [host] reserves', '22', '22:22/tcp takes a port that [host] reserves'],
  ["another guest's", '9000', '/etc/guestgate/guestgate.toml:4: guest "dns" has 9000'],
  ["its own for another of the guest's", '8443:81', "contradicts the guest's own 8443:80/tcp"],
])('%s is refused, and nothing changes', (_, forward, message) => {
  host.configure('[host]\nreserved = ["22"]\n[guest.dns]\nforward = ["9000"]\n');
  const before = xml();
  const ran = publish(uuid, forward);
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain(message);
  expect(xml()).toEqual(before);
  host.configure('');
});

test('where a file says its forwards, or metadata do not count, the XML would be of no use', () => {
  host.configure(`[guest."${uuid}"]\nforward = []\n`);
  expect(publish(uuid, '81')).toMatchObject({ status: 2, stderr: expect.stringContaining('guestgate.toml') });
  host.configure('[host]\nmetadata = false\n');
  expect(publish(uuid, '81')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('metadata = false'),
  });
  host.configure('');
});

test('what is unpublished is closed immediately', async () => {
  expect(unpublish(uuid, '8443')).toMatchObject({ status: 0, stderr: '' });
  expect(host.fetch(8443)).toContain('Connection refused');
  await expectOpen(host, { 8080: 'web' });
  for (const text of xml()) expect(text).not.toContain('8443');
  expect(unpublish(uuid, '8443')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('8443 is not published; its forwards: 8080:80/tcp'),
  });
});

test('where the definition was changed since the start, neither is', () => {
  host.virsh('metadata', uuid, 'urn:guestgate:1', '--key', 'gg', '--set', '<guest/>', '--config');
  const before = xml();
  expect(publish(uuid, '81')).toMatchObject({ status: 2, stderr: expect.stringContaining('differ') });
  expect(xml()).toEqual(before);
});

test('a guest that does not run and had no policy gets one', () => {
  const ran = publish('--from', '198.51.100.0/24,198.51.100.3', '--', bare.name, '8081:80');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain('its forwards open when "-bare \\"1\\"" starts');
  const text = host.virsh('dumpxml', '--domain', bare.name).stdout;
  expect(text).toContain('<gg:guest xmlns:gg="urn:guestgate:1">');
  expect(text).toContain('<gg:portForward proto="tcp" from="198.51.100.0/24 198.51.100.3">');
  host.virsh('start', '--domain', bare.name);
  expect(host.openGuests().map(({ guest }) => guest.name)).toContain(bare.name);
  expect(unpublish('--all', '--', bare.name)).toMatchObject({ status: 0, stderr: '' });
  expect(host.virsh('dumpxml', '--domain', bare.name).stdout).not.toContain('portForward');
  host.virsh('destroy', '--domain', bare.name);
});

test('a guest that libvirt does not have is refused', () => {
  expect(publish('nobody', '80')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('libvirt has no guest "nobody"'),
  });
});
