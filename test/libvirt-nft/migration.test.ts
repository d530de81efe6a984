import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookRecorder } from '../support/hook-recorder.ts';
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
let [callsAtA, callsAtB]: HookRecorder[] = [];
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
  callsAtA = new HookRecorder(a, ['qemu', 'network']);
  callsAtB = new HookRecorder(b, ['qemu', 'network']);
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

/** `virsh migrate` from the one host to the other. */
function migrate(from: LibvirtHost | undefined, to: 'a' | 'b', ...options: readonly string[]) {
  return from?.tryVirsh(...migration(to, options));
}

function migration(to: 'a' | 'b', options: readonly string[]): readonly string[] {
  const address = to === 'a' ? '10.77.0.1' : '10.77.0.2';
  const destination = ['web', `qemu+tcp://${address}/system`, `tcp://${address}`];
  return ['migrate', '--live', '--unsafe', ...options, ...destination];
}

const jobOf = (host: LibvirtHost | undefined, ...options: readonly string[]) =>
  host?.tryVirsh('domjobinfo', 'web', ...options).stdout ?? '';

const arrival = [
  'qemu web migrate',
  'qemu web prepare',
  'network default port-created',
  'qemu web start',
  'qemu web started',
];
const departure = ['qemu web stopped', 'network default port-deleted', 'qemu web release'];

/** The guest is at host B, and its forward with it; both libvirts called what belongs to it. */
async function expectMoved(): Promise<void> {
  expect(callsAtB?.calls()).toEqual(arrival);
  expect(callsAtA?.calls()).toEqual(departure);
  await until('web answers at host B', () => answers(b));
  expect(a?.fetch(8080)).toContain('Connection refused');
  expect(records(a)).toEqual([]);
  expect(records(b)).toEqual(['web']);
  for (const host of [a, b]) expect(host?.guestgate('check').status).toBe(0);
}

test('live, it moves to the other host, and its forward with it', async () => {
  callsAtA?.calls();
  expect(migrate(a, 'b', '--persistent')).toMatchObject({ status: 0 });
  await expectMoved();
});

test('and back', async () => {
  expect(migrate(b, 'a')).toMatchObject({ status: 0 });
  await until('web answers at host A again', () => answers(a));
  expect(b?.fetch(8080)).toContain('Connection refused');
  expect(records(b)).toEqual([]);
});

test('a host that refuses it, because its policy there is wrong, gets no forward, and it stays open where it runs', () => {
  callsAtB?.calls();
  b?.configure('[guest.web]\nforward = ["80800:80"]\non_error = "deny"\n');
  const refused = migrate(a, 'b');
  expect(refused?.status).toBe(1);
  expect(refused?.stderr).toContain('80800');
  expect(callsAtB?.calls()).toEqual([
    'qemu web migrate',
    'qemu web prepare',
    'qemu web stopped',
    'qemu web release',
  ]);
  expect(records(b)).toEqual([]);
  expect(b?.fetch(8080)).toContain('Connection refused');
  expect(answers(a)).toBe(true);
  expect(records(a)).toEqual(['web']);
  b?.configure('');
});

test('post-copy, it runs at the other host before its memory is there, and its forward is where it runs', async () => {
  for (const recorder of [callsAtA, callsAtB]) recorder?.calls();
  // So slowly that most of its memory is not there when it is told to run there.
  a?.virsh('migrate-setspeed', 'web', '4');
  const moving = a?.sandbox.runAside('virsh', migration('b', ['--postcopy']));
  await until('the copy has begun', () => /Memory processed: +[1-9]/.test(jobOf(a)));
  a?.virsh('migrate-postcopy', 'web');
  expect(await moving).toMatchObject({ status: 0 });
  expect(jobOf(a, '--completed')).toMatch(/Postcopy requests: +[1-9]/);
  await expectMoved();
});
