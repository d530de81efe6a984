import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trixie } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';

/*
 * A guest moves, while it runs, from one host to another: two libvirtds, each in a system of its own, with a wire between
 * them. Its policy stands in its XML, so it moves with it. What was open on the one is open on the other.
 *
 *   client A --- host A (10.77.0.1) === (10.77.0.2) host B --- client B
 */

const web = {
  name: 'web',
  mac: '52:54:00:aa:bb:01',
  address: '192.168.122.41',
  metadata: `<gg:guest xmlns:gg="urn:guestgate:1">
    <gg:portForward proto="tcp"><gg:range start="8080" to="80"/></gg:portForward>
  </gg:guest>`,
} satisfies TestGuest;

let [a, b]: LibvirtHost[] = [];
beforeAll(async () => {
  const image = buildGuestImage();
  const listening = 'listen_tls = 0\nlisten_tcp = 1\nauth_tcp = "none"\n';
  const create = (letter: string, uuid: string) =>
    LibvirtHost.create({
      image,
      guests: [web],
      flavour: trixie,
      libvirtd: {
        options: ['--listen'],
        configuration: `${listening}host_uuid = "${uuid}"\n`,
        hostname: `host-${letter}`,
      },
    });
  a = await create('a', '11111111-2222-3333-4444-aaaaaaaaaaaa');
  b = await create('b', '11111111-2222-3333-4444-bbbbbbbbbbbb');
  wire(a, b);
  for (const host of [a, b]) {
    expect(host.guestgate('install').status).toBe(0);
    host.sandbox.sh("printf '10.77.0.1 host-a\\n10.77.0.2 host-b\\n' >>/etc/hosts");
    await host.reloadLibvirtd();
  }
  // It is not known where it will come to.
  b.virsh('undefine', 'web');
});
afterAll(async () => {
  await a?.destroy();
  await b?.destroy();
});

/** A pair of interfaces, one end in each host. */
function wire(from: LibvirtHost, to: LibvirtHost): void {
  const inside = ['nsenter', '-t', String(from.sandbox.init), '-n'];
  const pair = ['ip', 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire'];
  execFileSync(inside[0] as string, [...inside.slice(1), ...pair, 'netns', String(to.sandbox.init)]);
  from.sandbox.sh('ip addr add 10.77.0.1/24 dev wire; ip link set wire up');
  to.sandbox.sh('ip addr add 10.77.0.2/24 dev wire; ip link set wire up');
}

const answers = (host: LibvirtHost | undefined) =>
  host?.fetch(8080).startsWith('hello from web, you are ') === true;
const records = (host: LibvirtHost | undefined) => host?.openGuests().map(({ guest }) => guest.name);

test('it is open where it runs, and nowhere else', async () => {
  a?.virsh('start', 'web');
  await until('web answers at host A', () => answers(a));
  expect(records(b)).toEqual([]);
  expect(b?.fetch(8080)).toContain('Connection refused');
});

test('live, it moves to the other host, and its forward with it', async () => {
  a?.virsh(
    'migrate',
    '--live',
    '--unsafe',
    '--persistent',
    'web',
    'qemu+tcp://10.77.0.2/system',
    'tcp://10.77.0.2',
  );
  await until('web answers at host B', () => answers(b));
  expect(a?.fetch(8080)).toContain('Connection refused');
  expect(records(a)).toEqual([]);
  expect(records(b)).toEqual(['web']);
  for (const host of [a, b]) expect(host?.guestgate('check').status).toBe(0);
});

test('and back', async () => {
  b?.virsh('migrate', '--live', '--unsafe', 'web', 'qemu+tcp://10.77.0.1/system', 'tcp://10.77.0.1');
  await until('web answers at host A again', () => answers(a));
  expect(b?.fetch(8080)).toContain('Connection refused');
  expect(records(b)).toEqual([]);
});
