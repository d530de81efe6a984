import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookRecorder } from '../support/hook-recorder.ts';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { domainXml } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';
import { expectClosed, expectOpen, isOpen } from './expect-open.ts';
import { qemuWithDisk, startCalls as start, stopCalls as stop } from './lifecycle-steps.ts';

/*
 * What lifecycles.ts leaves out, because guests boot again and again for it: `npm run test:libvirt` and
 * `npm run test:libvirt-nft` run it. One guest has
 * its policy by name, one by UUID, one in its XML. The tests are one story.
 */

const web = {
  name: 'web',
  mac: '52:54:00:aa:bb:01',
  address: '192.168.122.41',
  uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a501',
  disk: '/var/lib/libvirt/images/web.qcow2',
};
const byId = {
  name: 'by-id',
  mac: '52:54:00:aa:bb:02',
  address: '192.168.122.42',
  uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a502',
};
const metadata = (port: number) =>
  `<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward proto="tcp"><gg:range start="${port}" to="80"/></gg:portForward></gg:guest>`;
const meta = {
  name: 'meta',
  mac: '52:54:00:aa:bb:03',
  address: '192.168.122.43',
  uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a503',
  metadata: metadata(8082),
};
const policy = (name: string) =>
  `[guest.${name}]\nforward = ["8080:80"]\n[guest."${byId.uuid}"]\nforward = ["8081:80"]\n`;
const all = { 8080: 'web', 8081: 'by-id', 8082: 'meta' };

/** @param flavour which libvirt the guests belong to */
export function tellOfSlowLifecycles(flavour: Flavour): void {
  let host: LibvirtHost;
  let recorder: HookRecorder;
  beforeAll(async () => {
    host = await LibvirtHost.create({
      image: buildGuestImage(),
      guests: [web, byId, meta],
      driver: qemuWithDisk(web.disk, flavour),
      flavour,
    });
    expect(host.guestgate('install').status).toBe(0);
    recorder = new HookRecorder(host, ['qemu', 'network']);
    host.configure(policy('web'));
    await host.reloadLibvirtd();
    host.virsh('snapshot-create-as', 'web', 'off');
    for (const { name } of [web, byId, meta]) host.virsh('start', name);
    await expectOpen(host, all);
  });
  afterAll(() => host?.destroy());

  test('a reset, and a reboot from inside, are no event for libvirt: the forward is open when the guest is back', async () => {
    recorder.calls();
    const boots = () => host.console('web').split('GUEST-READY').length - 1;
    const before = boots();
    host.virsh('reset', 'web');
    await until('it has booted again', () => boots() > before);
    await expectOpen(host, all);
    reboot(8080);
    await until('it has booted once more', () => boots() > before + 1);
    await expectOpen(host, all);
    expect(recorder.calls()).toEqual([]);
  });

  test('a revert from running to off closes the guest, one from off to running opens it', async () => {
    host.virsh('snapshot-create-as', 'web', 'on');
    host.virsh('snapshot-revert', 'web', 'off');
    expect(recorder.calls()).toEqual(stop);
    expectClosed(host, 8080, 'web', web.address);
    host.virsh('snapshot-revert', 'web', 'on');
    expect(recorder.calls()).toEqual(start);
    await until('web answers', () => isOpen(host, 8080, 'web'));
  });

  test('the policy in the XML of a snapshot counts after the revert', async () => {
    host.configure(policy('nothing'));
    expect(host.guestgate('apply').status).toBe(0);
    expect(host.fetch(8080)).toContain('Connection refused');
    const inner = '<guest><portForward proto="tcp"><range start="8083" to="80"/></portForward></guest>';
    const key = ['urn:guestgate:1', '--key', 'gg'];
    host.virsh('metadata', 'web', ...key, '--set', inner, '--live', '--config');
    host.virsh('snapshot-create-as', 'web', 'with-policy');
    host.virsh('metadata', 'web', ...key, '--remove', '--live', '--config');
    expect(host.guestgate('apply').status).toBe(0);
    expect(host.fetch(8083)).toContain('Connection refused');
    host.virsh('snapshot-revert', 'web', 'with-policy');
    await until('web answers', () => isOpen(host, 8083, 'web'));
    host.virsh('snapshot-revert', 'web', 'on');
    expect(host.fetch(8083)).toContain('Connection refused');
    host.configure(policy('web'));
  });

  test('another MAC address in the definition: after the restart the forward leads to the address of the new lease', async () => {
    host.define('define', domainXml({ ...web, mac: '52:54:00:aa:bb:07' }));
    host.virsh('destroy', 'web');
    expectClosed(host, 8080, 'web', web.address);
    host.virsh('start', 'web');
    await until('web answers', () => isOpen(host, 8080, 'web'));
    expect(host.ruleset()).not.toContain(web.address);
    expect(host.guestgate('check').status).toBe(0);
    host.define('define', domainXml(web));
  });

  test('renamed guests keep a policy by UUID or in their XML; one by name stays behind, and doctor names it', async () => {
    expect(host.tryVirsh('domrename', 'web', 'shop').stderr).toContain('cannot rename active domain');
    for (const { name } of [web, byId, meta]) host.virsh('destroy', name);
    for (const name of host.virsh('snapshot-list', 'web', '--name').stdout.trim().split('\n'))
      host.virsh('snapshot-delete', 'web', name);
    recorder.calls();
    host.virsh('domrename', 'web', 'shop');
    host.virsh('domrename', 'by-id', 'new-id');
    host.virsh('domrename', 'meta', 'new-meta');
    expect(recorder.calls()).toEqual([]);
    for (const name of ['shop', 'new-id', 'new-meta']) host.virsh('start', name);
    await until('two of them answer', () => isOpen(host, 8081, 'by-id') && isOpen(host, 8082, 'meta'));
    expect(host.fetch(8080)).toContain('Connection refused');
    expect(host.openGuests().map(({ guest }) => guest.name)).toEqual(['new-id', 'new-meta']);
    expect(host.guestgate('doctor').stdout).toContain('guest "web": the configuration has a policy for it');
    host.configure(policy('shop'));
    expect(host.guestgate('apply').status).toBe(0);
    await until('all answer', () => isOpen(host, 8080, 'web'));
    for (const name of ['shop', 'new-id', 'new-meta']) host.virsh('destroy', name);
    expect(host.openGuests()).toEqual([]);
    expect(host.guestgate('check').status).toBe(0);
  });

  /** The guest reboots without an answer. */
  function reboot(port: number): void {
    const request = "printf 'GET /cgi-bin/reboot HTTP/1.0\\r\\n\\r\\n'";
    host.sandbox.sh(`${request} | timeout 2 socat - TCP4:198.51.100.1:${port} || true`, { in: 'client' });
  }
}
