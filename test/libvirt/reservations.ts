import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { until } from '../support/until.ts';
import { isOpen } from './expect-open.ts';

/*
 * A guest that runs with a lease, and an administrator who reserves other addresses for it meanwhile. The tests are one
 * story, each continues where the one before it ended.
 */

const nomad = { name: 'nomad', mac: '52:54:00:aa:bb:03' };

/** @param flavour the libvirt that the host has */
export function tellOfReservations(flavour: Flavour): void {
  let host: LibvirtHost;
  let leased = '';
  beforeAll(async () => {
    host = await LibvirtHost.create({ image: buildGuestImage(), guests: [nomad], flavour });
    expect(host.guestgate('install').status).toBe(0);
    host.configure('[guest.nomad]\nforward = ["8080:80"]\n');
    await host.reloadLibvirtd();
    host.virsh('start', 'nomad');
    await until('it answers', isReached);
    leased = address();
  });
  afterAll(() => host?.destroy());

  const isReached = () => isOpen(host, 8080, 'nomad');
  const address = () => host.openGuests()[0]?.address ?? '';
  const ask = (page: string) => host.fetch(8080, publicAddress, page);
  const check = () => host.guestgate('check');
  const agrees = { status: 0, stdout: 'Configuration, running guests and kernel agree.\n' };

  function reserve(command: 'add' | 'modify', reserved: string): void {
    const entry = `<host mac='${nomad.mac}' ip='${reserved}'/>`;
    host.virsh('net-update', 'default', command, 'ip-dhcp-host', entry, '--live', '--config');
  }

  test('a reservation that is added while it runs leaves the forward at its lease, also when libvirtd restarts', async () => {
    reserve('add', '192.168.122.60');
    const note = `DHCP reserves 192.168.122.60 for it, and it still has the lease of ${leased}`;
    expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining(note) });
    expect(host.guestgate('replay').status).toBe(0);
    expect(isReached()).toBe(true);
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
    expect(address()).toBe(leased);
    expect(isReached()).toBe(true);
  });

  test('another interface that is attached meanwhile does not move it', () => {
    const nic = ['--mac', '52:54:00:aa:bb:09', '--live'];
    host.virsh('attach-interface', 'nomad', 'network', 'default', '--model', 'virtio', ...nic);
    expect(address()).toBe(leased);
    expect(isReached()).toBe(true);
    host.virsh('detach-interface', 'nomad', 'network', ...nic);
  });

  test('when it asks again it gets the reserved address, and the forward follows', async () => {
    expect(ask('renew')).toBe('renewing');
    await until('it has the reserved address', () => address() === '192.168.122.60');
    await until('it answers', isReached);
    expect(check()).toMatchObject(agrees);
  });

  test('the same after a reset', async () => {
    reserve('modify', '192.168.122.61');
    expect(isReached()).toBe(true);
    host.virsh('reset', 'nomad');
    await until('it has the reserved address', () => address() === '192.168.122.61');
    await until('it answers', isReached);
    expect(check()).toMatchObject(agrees);
  });

  test('at its next start the reservation counts before it has asked, though the lease of its earlier run is there', async () => {
    reserve('modify', '192.168.122.62');
    host.virsh('destroy', 'nomad');
    host.virsh('start', 'nomad');
    expect(host.openGuests()).toMatchObject([
      { address: '192.168.122.62', addressSource: 'a DHCP reservation' },
    ]);
    await until('it answers', isReached);
    expect(check()).toMatchObject(agrees);
  });

  test('a second client at its interface gets a lease, too: the forward stays, and check reports both until its next start', async () => {
    const entry = `<host mac='${nomad.mac}' ip='192.168.122.62'/>`;
    host.virsh('net-update', 'default', 'delete', 'ip-dhcp-host', entry, '--live', '--config');
    expect(ask('second')).toBe('asking');
    await until('status reports both leases', () => host.guestgate('status').stdout.includes('several'));
    expect(check()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('its forwards go to 192.168.122.62'),
    });
    expect(host.guestgate('replay').status).toBe(1);
    expect(address()).toBe('192.168.122.62');
    expect(isReached()).toBe(true);
    host.virsh('destroy', 'nomad');
    host.virsh('start', 'nomad');
    await until('it answers', isReached);
    await until('check agrees', () => check().stdout === agrees.stdout);
  });
}
