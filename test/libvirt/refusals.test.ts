import { afterAll, beforeAll, expect, test } from 'vitest';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';

/* Guests whose policy cannot be done. None of them needs a system: they start, or they do not. */

const broken = `<gg:portForward proto="tcp"><gg:range start="80800" to="80"/></gg:portForward>`;
const strict = guest('strict', 1, `<gg:guest xmlns:gg="urn:guestgate:1" onError="deny">${broken}</gg:guest>`);
const lenient = guest('lenient', 2, `<gg:guest xmlns:gg="urn:guestgate:1">${broken}</gg:guest>`);
const nomad = guest('nomad', 3);
const needy = guest('needy', 4);
const late = guest('late', 5);
const early = { ...guest('early', 6), address: '192.168.122.46' };

let host: LibvirtHost;
beforeAll(async () => {
  const guests = [strict, lenient, nomad, needy, late, early];
  host = await LibvirtHost.create({ guests });
  expect(host.guestgate('install').status).toBe(0);
  host.configure(`
[guest.nomad]
forward = ["8082:80"]
[guest.needy]
forward = ["8083:80"]
on_error = "deny"
[guest.early]
forward = ["8084:80"]
[guest.late]
address = "192.168.122.45"
forward = ["8084:80", "8085:80"]
on_error = "deny"
`);
  await host.reloadLibvirtd();
});
afterAll(() => host?.destroy());

test('a guest with on_error = "deny" and a mistake in its policy does not start, and virsh says why', () => {
  const { status, stderr } = host.tryVirsh('start', 'strict');
  expect(status).toBe(1);
  expect(stderr).toContain("Failed to start domain 'strict'");
  expect(stderr).toContain('qemu guest "strict" prepare: metadata in the domain XML: ');
  expect(stderr).toContain('80800');
  expect(stateOf('strict')).toBe('shut off');
});

test('without deny it starts, and the log says why nothing is open', () => {
  host.virsh('start', 'lenient');
  expect(stateOf('lenient')).toBe('running');
  expect(errorsOf('lenient')).toContainEqual(expect.stringContaining('80800'));
  host.virsh('destroy', 'lenient');
});

test('a guest without a known address starts, and the log names every place that was looked at', () => {
  host.virsh('start', 'nomad');
  expect(stateOf('nomad')).toBe('running');
  const [message] = errorsOf('nomad').filter((text) => text.includes(' started: '));
  for (const source of [
    'the domain XML',
    '/run/libvirt/network/default.xml',
    '/etc/libvirt/qemu/networks/default.xml',
    '/var/lib/libvirt/dnsmasq/default.hostsfile',
    '/var/lib/libvirt/dnsmasq/virbr122.status',
  ])
    expect(message).toContain(source);
  host.virsh('destroy', 'nomad');
});

test('with deny it does not start before an address is reserved as the message says', () => {
  const { status, stderr } = host.tryVirsh('start', 'needy');
  expect(status).toBe(1);
  expect(stderr).toContain('its address is not known: ');
  expect(stderr).toContain('virsh net-update NETWORK add ip-dhcp-host');
  const reservation = `<host mac='${needy.mac}' ip='192.168.122.44'/>`;
  host.virsh('net-update', 'default', 'add', 'ip-dhcp-host', reservation, '--live');
  host.virsh('start', 'needy');
  expect(host.openGuests()).toMatchObject([{ guest: { name: 'needy' }, address: '192.168.122.44' }]);
  host.virsh('destroy', 'needy');
});

test('a guest with deny does not start while another holds its port, and does when that has stopped', () => {
  host.virsh('start', 'early');
  const { status, stderr } = host.tryVirsh('start', 'late');
  expect(status).toBe(1);
  expect(stderr).toContain('taken by qemu guest "early"');
  expect(host.openGuests().map(({ guest }) => guest.name)).toEqual(['early']);
  host.virsh('destroy', 'early');
  host.virsh('start', 'late');
  expect(host.openGuests()).toMatchObject([{ guest: { name: 'late' }, problems: [] }]);
  host.virsh('destroy', 'late');
});

test('nothing of any of them is left', () => {
  expect(host.openGuests()).toEqual([]);
  expect(host.guestgate('check')).toMatchObject({ status: 0 });
  expect(host.ruleset()).not.toContain('192.168.122.4');
});

function guest(name: string, number: number, metadata = ''): TestGuest {
  return { name, mac: `52:54:00:aa:cc:0${number}`, metadata, boots: false };
}

function stateOf(name: string): string {
  return host.virsh('domstate', name).stdout.trim();
}

function errorsOf(name: string): string[] {
  const lines = host
    .journal()
    .filter(({ severity, message }) => severity === 3 && message.includes(`"${name}"`));
  return lines.map(({ message }) => message);
}
