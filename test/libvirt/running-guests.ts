import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { buildGuestImage } from '../support/libvirt-guest-image.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';
import { expectClosed, expectHeadRuleFirst, expectOpen, isOpen } from './expect-open.ts';

/*
 * Two guests, one with a policy in /etc/guestgate, one with it in its XML, and all that libvirt and its
 * administrator do to them and around them. The tests are one story, each goes on where the one before it ended.
 */

const web = { name: 'web', mac: '52:54:00:aa:bb:01', address: '192.168.122.41' } satisfies TestGuest;
const meta = {
  name: 'meta',
  mac: '52:54:00:aa:bb:02',
  address: '192.168.122.42',
  metadata: `<gg:guest xmlns:gg="urn:guestgate:1">
    <gg:portForward proto="tcp"><gg:range start="8081" to="80"/></gg:portForward>
  </gg:guest>`,
} satisfies TestGuest;
const both = { 8080: 'web', 8081: 'meta' };
const policy = '[guest.web]\nforward = ["8080:80"]\n';

/** @param flavour which libvirt it is told of */
export function tellOfRunningGuests(flavour: Flavour): void {
  let host: LibvirtHost;
  let before: { ruleset: string; files: Map<string, string> };
  beforeAll(async () => {
    host = await LibvirtHost.create({ image: buildGuestImage(), guests: [web, meta], flavour });
    before = { ruleset: host.ruleset(), files: host.files() };
    expect(host.guestgate('install').status).toBe(0);
    expect(host.changedSince(before.files)).toContain('/etc/libvirt/hooks/qemu');
    host.configure(policy);
    await host.reloadLibvirtd();
  });
  afterAll(() => host?.destroy());

  test('virsh start opens the ports of both guests, which were closed before', async () => {
    expect(host.fetch(8080)).toContain('Connection refused');
    expect(host.fetch(8081)).toContain('Connection refused');
    host.sandbox.sh('virsh start web & virsh start meta; wait $!');
    await expectOpen(host, both);
    expect(host.journal().map(({ message }) => message.replace(/ \(\d+ ms\)$/, ''))).toEqual(
      expect.arrayContaining([
        'qemu guest "web" started: 1 forward to 192.168.122.41',
        'qemu guest "meta" started: 1 forward to 192.168.122.42',
      ]),
    );
  });

  describe('they stay open', () => {
    test('while another network starts, stops and starts', async () => {
      host.virsh('net-start', 'other');
      await expectOpen(host, both);
      host.virsh('net-destroy', 'other');
      host.virsh('net-start', 'other');
      await expectOpen(host, both);
    });

    test('when an interface is plugged into a guest, and pulled', async () => {
      const nic = ['--mac', '52:54:00:aa:bb:09', '--live'];
      host.virsh('attach-interface', 'web', 'network', 'other', '--model', 'virtio', ...nic);
      expect(nicsOf('web')).toEqual([web.mac, '52:54:00:aa:bb:09']);
      await expectOpen(host, both);
      host.virsh('detach-interface', 'web', 'network', ...nic);
      await until('the interface is pulled', () => nicsOf('web').length === 1);
      expect(nicsOf('web')).toEqual([web.mac]);
      await expectOpen(host, both);
    });

    test('when libvirtd reloads', async () => {
      await host.reloadLibvirtd();
      await expectOpen(host, both);
    });

    test('while libvirtd is away, and when it is back', async () => {
      await host.stopLibvirtd('TERM');
      await expectOpen(host, both);
      await host.startLibvirtd();
      await expectOpen(host, both);
    });

    test('when libvirtd is killed and starts again', async () => {
      await host.stopLibvirtd('KILL');
      await host.startLibvirtd();
      await expectOpen(host, both);
    });

    test('when their own network restarts, as soon as libvirtd has put them back on it', async () => {
      host.virsh('net-destroy', 'default');
      host.virsh('net-start', 'default');
      expectHeadRuleFirst(host);
      await host.stopLibvirtd('TERM');
      await host.startLibvirtd();
      await expectOpen(host, both);
    });
  });

  test('a saved guest is closed, and open again when it is restored', async () => {
    host.virsh('save', 'web', '/var/lib/libvirt/images/web.save');
    expectClosed(host, 8080, 'web', web.address);
    await expectOpen(host, { 8081: 'meta' });
    host.virsh('restore', '/var/lib/libvirt/images/web.save');
    await expectOpen(host, both);
  });

  test('a port in a file goes to its guest, away from one that has it in its XML, and back when the file gives it up', async () => {
    host.configure('[guest.web]\nforward = ["8080:80", "8081:80"]\n');
    const applied = host.guestgate('apply');
    expect(applied.stderr).toContain('forward 8081:80/tcp is left out: a file has it for guest "web"');
    await until('web has the port', () => isOpen(host, 8081, 'web'));
    host.virsh('save', 'web', '/var/lib/libvirt/images/web.save');
    expect(host.fetch(8081)).toContain('Connection refused');
    host.configure(policy);
    expect(host.guestgate('apply').status).toBe(0);
    await expectOpen(host, { 8081: 'meta' });
    host.virsh('restore', '/var/lib/libvirt/images/web.save');
    await expectOpen(host, both);
  });

  test('two guests want one port: when the one that has it is saved, the other gets it, and keeps it', async () => {
    host.configure(`[guest.web]\nforward = ["8080:80", "8090:80"]
[guest.meta]\nforward = ["8081:80", "8090:80"]\n`);
    host.guestgate('apply', 'web');
    host.guestgate('apply', 'meta');
    await until('web has the port', () => isOpen(host, 8090, 'web'));
    host.virsh('save', 'web', '/var/lib/libvirt/images/web.save');
    await until('meta has the port', () => isOpen(host, 8090, 'meta'));
    host.virsh('restore', '/var/lib/libvirt/images/web.save');
    await until('web is back', () => isOpen(host, 8080, 'web'));
    expect(isOpen(host, 8090, 'meta')).toBe(true);
    host.configure(policy);
    expect(host.guestgate('apply').status).toBe(0);
    await expectOpen(host, both);
  });

  test('a guest that died while libvirtd was away is closed when it is back', async () => {
    await host.stopLibvirtd('TERM');
    host.killGuest('meta');
    await host.startLibvirtd();
    await until('meta is closed', () => host.fetch(8081).includes('refused'));
    expectClosed(host, 8081, 'meta', meta.address);
    await expectOpen(host, { 8080: 'web' });
  });

  test('a guest that crashes is closed, and opens when it is started again', async () => {
    host.killGuest('web');
    await until('web is closed', () => host.fetch(8080).includes('refused'));
    expectClosed(host, 8080, 'web', web.address);
    host.virsh('start', 'web');
    await expectOpen(host, { 8080: 'web' });
  });

  test('uninstall leaves ruleset and files as they were, though a guest runs; install opens it again', async () => {
    host.virsh('net-destroy', 'other');
    expect(host.guestgate('uninstall', '--purge').status).toBe(0);
    expect(host.ruleset()).toBe(before.ruleset);
    expect(host.changedSince(before.files)).toEqual([]);
    expect(host.fetch(8080)).toContain('Connection refused');
    host.sandbox.sh('mkdir /etc/guestgate');
    host.configure(policy);
    expect(host.guestgate('install').status).toBe(0);
    await expectOpen(host, { 8080: 'web' });
  });

  test('when all rules are flushed, a restart of libvirtd brings ours back with its own', async () => {
    host.sandbox.run('nft', ['flush', 'ruleset']);
    expect(isOpen(host, 8080, 'web')).toBe(false);
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
    await expectOpen(host, { 8080: 'web' });
  });

  test(`when ${flavour.rules === 'iptables' ? 'FORWARD is flushed' : 'its table is deleted'}, libvirtd puts its own jumps on top at its restart, and ours goes above them`, async () => {
    if (flavour.rules === 'iptables') host.sandbox.run('iptables', ['-F', 'FORWARD']);
    else host.sandbox.run('nft', ['delete', 'table', 'ip', 'libvirt_network']);
    await host.stopLibvirtd('TERM');
    await host.startLibvirtd();
    await expectOpen(host, { 8080: 'web' });
  });

  test('virsh destroy closes a guest and leaves nothing', () => {
    host.virsh('destroy', 'web');
    expectClosed(host, 8080, 'web', web.address);
    expect(host.openGuests()).toEqual([]);
  });

  function nicsOf(name: string): (string | undefined)[] | [] {
    const found = host.openGuests().find(({ guest }) => guest.name === name);
    return (found?.guest.nics ?? []).map(({ mac }) => mac);
  }
}
