import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { until } from '../support/until.ts';
import { expectOpen } from './expect-open.ts';

/*
 * A guest that libvirtd starts when it starts itself, before guestgate is installed and after. The tests are one story.
 */

const web = { name: 'web', mac: '52:54:00:aa:bb:01', address: '192.168.122.41' };

/** @param flavour which libvirt starts the guest */
export function tellOfAutostart(flavour: Flavour): void {
  let host: LibvirtHost;
  beforeAll(async () => {
    host = await LibvirtHost.create({ image: buildGuestImage(), guests: [web], flavour });
    host.virsh('autostart', 'web');
    host.virsh('net-autostart', 'default');
    host.configure('[guest.web]\nforward = ["8080:80"]\n');
  });
  afterAll(() => host?.destroy());

  /** All that a reboot of the host does to libvirtd, its guests and their rules. */
  async function reboot(): Promise<void> {
    // dnsmasq would keep the addresses of a network that is only removed.
    host.tryVirsh('destroy', 'web');
    host.tryVirsh('net-destroy', 'default');
    await host.stopLibvirtd('TERM');
    host.sandbox.sh(
      'rm -rf /run/guestgate /run/libvirt/*/autostarted /var/log/libvirt/qemu/web.console; nft flush ruleset',
    );
    await host.startLibvirtd();
    await until('libvirtd has started the guest', () => host.virsh('list', '--name').stdout.includes('web'));
  }

  test('libvirtd started it before guestgate was installed: install opens it, with and without a replay', async () => {
    await reboot();
    await until('the guest has booted', () => host.console('web').includes('GUEST-READY'));
    expect(host.fetch(8080)).toContain('Connection refused');
    expect(host.guestgate('install').status).toBe(0);
    await expectOpen(host, { 8080: 'web' });
    expect(host.guestgate('replay').status).toBe(0);
    await expectOpen(host, { 8080: 'web' });
  });

  test('libvirtd, which has found no hook until now, restarts: it calls reconnect, and the guest stays open', async () => {
    const before = host.journal().length;
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
    const since = host.journal().slice(before);
    expect(since.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('"web" reconnect: 1 forward to 192.168.122.41'),
    );
    await expectOpen(host, { 8080: 'web' });
  });

  test('at the next boot libvirtd starts it with the hooks, and calls no reconnect', async () => {
    const before = host.journal().length;
    await reboot();
    await expectOpen(host, { 8080: 'web' });
    const since = host.journal().slice(before);
    expect(since.filter(({ message }) => message.includes(' reconnect'))).toEqual([]);
  });
}
