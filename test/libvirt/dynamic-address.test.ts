import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { until } from '../support/until.ts';
import { expectClosed } from './expect-open.ts';

/* A guest whose address is whatever the network's DHCP server gives it: known only after it has asked. */

const nomad = { name: 'nomad', mac: '52:54:00:aa:bb:03' };
const leases = '/var/lib/libvirt/dnsmasq/virbr122.status';

let host: LibvirtHost;
beforeAll(async () => {
  host = await LibvirtHost.create({ image: buildGuestImage(), guests: [nomad] });
  expect(host.guestgate('install').status).toBe(0);
  host.configure('[guest.nomad]\nforward = ["8080:80"]\n');
  await host.reloadLibvirtd();
});
afterAll(() => host?.destroy());

test('at its first start its address is unknown; once it has a lease, its port opens without another event', async () => {
  host.virsh('start', 'nomad');
  expect(host.fetch(8080)).toContain('Connection refused');
  expect(host.guestgate('check')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(`no lease in ${leases}`),
  });
  await until('it has a lease', () => host.sandbox.read(leases).includes(nomad.mac));
  await until('it answers', () => host.fetch(8080).startsWith('hello from nomad'));
});

test('at its next start the lease tells its address', async () => {
  const address = host.openGuests()[0]?.address ?? '';
  host.virsh('destroy', 'nomad');
  expectClosed(host, 8080, 'nomad', address);
  host.virsh('start', 'nomad');
  expect(host.openGuests()).toMatchObject([
    { guest: { name: 'nomad' }, address, addressSource: `the lease in ${leases}` },
  ]);
  await until('it answers', () => host.fetch(8080).startsWith('hello from nomad'));
});
