import { afterAll, beforeAll, expect, test } from 'vitest';
import { installed } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { expectClosed, expectOpen } from './expect-open.ts';

/*
 * A host where libvirt's rules go into the older tables of iptables-legacy, which no nft can see. The same story
 * as of running-guests, in short.
 */

const web = { name: 'web', mac: '52:54:00:aa:bb:01', address: '192.168.122.41' } satisfies TestGuest;
const open = { 8080: 'web' };

let host: LibvirtHost;
let before: { ruleset: string; files: Map<string, string> };
beforeAll(async () => {
  host = await LibvirtHost.create({
    image: buildGuestImage(),
    guests: [web],
    flavour: { ...installed, iptables: 'legacy' },
  });
  before = { ruleset: host.ruleset(), files: host.files() };
  expect(before.ruleset).toContain('-A FORWARD -j LIBVIRT_FWI');
  expect(host.guestgate('install').status).toBe(0);
  await host.reloadLibvirtd();
  host.sandbox.write('/etc/guestgate/guests.d/web.toml', '[guest.web]\nforward = ["8080:80"]\n');
});
afterAll(() => host?.destroy());

test('virsh start opens the port', async () => {
  expect(host.fetch(8080)).toContain('Connection refused');
  host.virsh('start', 'web');
  await expectOpen(host, open);
});

test('it stays open while another network starts, stops and starts', async () => {
  host.virsh('net-start', 'other');
  host.virsh('net-destroy', 'other');
  host.virsh('net-start', 'other');
  await expectOpen(host, open);
  host.virsh('net-destroy', 'other');
});

test('it stays open when libvirtd reloads or restarts', async () => {
  await host.reloadLibvirtd();
  await expectOpen(host, open);
  await host.stopLibvirtd('TERM');
  await host.startLibvirtd();
  await expectOpen(host, open);
});

test('virsh destroy closes it, uninstall leaves all as it was but what was written by hand', () => {
  host.virsh('destroy', 'web');
  expectClosed(host, 8080, 'web', web.address);
  expect(host.guestgate('uninstall').status).toBe(0);
  expect(host.ruleset()).toBe(before.ruleset);
  expect(host.changedSince(before.files)).toEqual([
    '/etc/guestgate',
    '/etc/guestgate/guests.d',
    '/etc/guestgate/guests.d/web.toml',
  ]);
});

test('guests start though libvirtd was not told that its hooks are gone', () => {
  host.virsh('start', 'web');
  expect(host.ruleset()).toBe(before.ruleset);
});
