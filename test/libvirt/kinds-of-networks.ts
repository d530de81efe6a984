import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { domainXml, type ForwardMode, networkXml, type TestGuest } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';

/*
 * Networks of every kind, and what libvirt makes of each in its rules. The guests have no system of their own, which would
 * take long to boot: behind the bridge somebody else answers at their address.
 */

const modes: readonly ForwardMode[] = ['nat', 'route', 'open', 'isolated'];

const guests = modes.map((mode, index) => ({
  name: `in-${mode}`,
  mac: `52:54:00:aa:cc:0${index + 1}`,
  address: `192.168.13${index}.41`,
  boots: false,
  network: `${mode}-network`,
  mode,
  number: 130 + index,
  port: 9000 + index,
})) satisfies (TestGuest & { readonly mode: ForwardMode; readonly number: number; readonly port: number })[];

/** @param flavour which libvirt it is told of */
export function tellOfNetworks(flavour: Flavour): void {
  let host: LibvirtHost;
  beforeAll(async () => {
    host = await LibvirtHost.create({ guests: [], flavour });
    for (const guest of guests) {
      host.define('net-define', networkXml(guest.network, guest.number, [guest], guest.mode));
      host.virsh('net-start', guest.network);
      host.define('define', domainXml(guest));
      answer(guest.name, guest.number, guest.address);
    }
    expect(host.guestgate('install').status).toBe(0);
    host.configure(guests.map(({ name, port }) => `[guest.${name}]\nforward = ["${port}:80"]\n`).join(''));
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
  });
  afterAll(() => host?.destroy());

  function answer(name: string, number: number, address: string): void {
    host.sandbox.sh(`
      ip netns add ${name}
      ip link add v${number} type veth peer name eth0 netns ${name}
      ip link set v${number} master virbr${number} up
      ip -n ${name} link set lo up; ip -n ${name} link set eth0 up
      ip -n ${name} addr add ${address}/24 dev eth0; ip -n ${name} route add default via 192.168.${number}.1
    `);
    const reply = `read line; printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello from ${name}, you are %s\\n' "$SOCAT_PEERADDR"`;
    host.sandbox.write(`/tmp/answer-${name}`, reply);
    host.sandbox.start('socat', ['TCP4-LISTEN:80,fork,reuseaddr', `EXEC:sh /tmp/answer-${name}`], {
      in: name,
    });
  }

  test.each(guests)(
    'a guest in a network of mode $mode is reached, and closed when it stops',
    async (guest) => {
      expect(host.fetch(guest.port)).toContain('Connection refused');
      host.virsh('start', guest.name);
      await until(`${guest.name} answers`, () =>
        host.fetch(guest.port).includes(`hello from ${guest.name}, you are 198.51.100.2`),
      );
      host.virsh('destroy', guest.name);
      expect(host.fetch(guest.port)).toContain('Connection refused');
    },
  );

  test('all of them stay open when another network of each kind starts and stops, and when libvirtd does', async () => {
    const reached = () => guests.map(({ name, port }) => host.fetch(port).startsWith(`hello from ${name}`));
    const all = guests.map(() => true);
    for (const { name } of guests) host.virsh('start', name);
    await until('all answer', () => !reached().includes(false));
    for (const [index, mode] of modes.entries()) {
      host.define('net-define', networkXml(`other-${mode}`, 140 + index, [], mode));
      host.virsh('net-start', `other-${mode}`);
    }
    expect(reached()).toEqual(all);
    for (const mode of modes) host.virsh('net-destroy', `other-${mode}`);
    expect(reached()).toEqual(all);
    await host.stopLibvirtd('KILL');
    await host.startLibvirtd();
    await until('all answer again', () => !reached().includes(false));
    expect(host.guestgate('check').status).toBe(0);
    for (const { name } of guests) host.virsh('destroy', name);
  });
}
