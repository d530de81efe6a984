import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookRecorder } from '../support/hook-recorder.ts';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { domainXml } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';
import { expectClosed, expectOpen } from './expect-open.ts';
import {
  describeInterface,
  interruptedLink,
  qemuWithDisk,
  startCalls as start,
  stopCalls as stop,
} from './lifecycle-steps.ts';

/*
 * One guest, and what an administrator does to it while it runs: which hooks libvirt calls, and whether the forward follows.
 * The tests are one story: the guest boots once, before guestgate is installed. slow-lifecycles.ts has what needs more.
 */

const web = {
  name: 'web',
  mac: '52:54:00:aa:bb:01',
  address: '192.168.122.41',
  uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a501',
  disk: '/var/lib/libvirt/images/web.qcow2',
};
const open = { 8080: 'web' };

/** @param flavour which libvirt the guests belong to */
export function tellOfLifecycles(flavour: Flavour): void {
  let host: LibvirtHost;
  let recorder: HookRecorder;
  beforeAll(async () => {
    host = await LibvirtHost.create({
      image: buildGuestImage(),
      guests: [web],
      driver: qemuWithDisk(web.disk, flavour),
      flavour,
    });
    host.virsh('net-start', 'other');
    host.virsh('start', 'web');
    host.configure('[guest.web]\nforward = ["8080:80"]\n');
    await until('the guest has booted', () => host.console('web').includes('GUEST-READY'));
  });
  afterAll(() => host?.destroy());

  test('a guest that ran before guestgate was installed is open afterwards', async () => {
    expect(host.fetch(8080)).toContain('Connection refused');
    expect(host.guestgate('install').status).toBe(0);
    recorder = new HookRecorder(host, ['qemu', 'network']);
    await expectOpen(host, open);
    await host.reloadLibvirtd();
    await expectOpen(host, open);
  });

  test('a paused guest answers nothing and keeps its forward; libvirt calls no hook', async () => {
    host.virsh('suspend', 'web');
    // socat of Debian 13 has another word for it.
    expect(host.fetch(8080)).toMatch(/timed out|Operation now in progress/);
    expect(host.openGuests()).toMatchObject([{ guest: { name: 'web' }, problems: [] }]);
    host.virsh('resume', 'web');
    await expectOpen(host, open);
    expect(recorder.calls()).toEqual([]);
  });

  test('when its link goes down and up, libvirt creates a second port and deletes that again: the forward stays', async () => {
    interruptedLink(host, web);
    expect(recorder.calls()).toEqual(['network default port-created', 'network default port-deleted']);
    await expectOpen(host, open);
  });

  test('when its interface gets a filter, and loses it, libvirt exchanges the port: the forward stays', async ({
    skip,
  }) => {
    skip(!host.exists('/usr/sbin/ebtables'), 'libvirt has no ebtables for its filters here');
    const filter = `<filterref filter='clean-traffic'><parameter name='IP' value='${web.address}'/></filterref>`;
    for (const inside of [filter, '']) {
      describeInterface(host, web, 'default', inside);
      host.virsh('update-device', 'web', '/tmp/interface.xml', '--live');
      expect(recorder.calls()).toEqual(['network default port-created', 'network default port-deleted']);
      await expectOpen(host, open);
    }
  });

  test('an update that libvirt refuses changes nothing', async () => {
    describeInterface(host, web, 'nowhere');
    expect(host.tryVirsh('update-device', 'web', '/tmp/interface.xml', '--live').status).toBe(1);
    await expectOpen(host, open);
  });

  test('when its interface moves to another network, the forward closes, and opens with the lease there', async () => {
    for (const [from, to] of [
      ['default', 'other'],
      ['other', 'default'],
    ] as const) {
      describeInterface(host, web, to);
      host.virsh('update-device', 'web', '/tmp/interface.xml', '--live');
      expect(recorder.calls()).toEqual([`network ${to} port-created`, `network ${from} port-deleted`]);
      if (to === 'other') expectClosedAt(web.address);
      interruptedLink(host, web);
      recorder.calls();
      await until(`it answers in network ${to}`, () => host.fetch(8080).startsWith('hello from web'));
      expect(host.guestgate('check').status).toBe(0);
    }
    expect(host.openGuests()).toMatchObject([{ address: web.address }]);
  });

  test('at the revert to a snapshot of the running guest libvirt stops its process and starts another', async () => {
    host.virsh('snapshot-create-as', 'web', 'running');
    expect(recorder.calls()).toEqual([]);
    host.virsh('snapshot-revert', 'web', 'running');
    expect(recorder.calls()).toEqual([...stop, ...start]);
    await answers();
  });

  test('a guest whose memory libvirt saved is closed, also while libvirtd restarts, and open again when it starts', async () => {
    host.virsh('managedsave', 'web');
    expect(recorder.calls()).toEqual(stop);
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
    expectClosed(host, 8080, 'web', web.address);
    host.virsh('start', 'web');
    expect(recorder.calls()).toEqual(['qemu web restore', ...start]);
    await answers();
  });

  test('another definition counts from the next start on: the running guest keeps its forward, also when it is undefined', async () => {
    host.define('define', domainXml({ ...web, mac: '52:54:00:aa:bb:07' }));
    host.virsh('snapshot-delete', 'web', 'running');
    host.virsh('undefine', 'web');
    expect(host.guestgate('apply').status).toBe(0);
    expect(recorder.calls()).toEqual([]);
    await answers();
    expect(host.guestgate('check').status).toBe(0);
    host.virsh('destroy', 'web');
    expect(recorder.calls()).toEqual(stop);
    expectClosed(host, 8080, 'web', web.address);
  });

  /** The guest answers, whatever the log says of leases that it waited for. */
  async function answers(): Promise<void> {
    await until('web answers', () => host.fetch(8080).startsWith('hello from web'));
  }

  /** No rule leads to the address any longer, though the guest runs. */
  function expectClosedAt(address: string): void {
    expect(host.fetch(8080)).toContain('Connection refused');
    expect(host.ruleset()).not.toContain(address);
  }
}
