import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContainerDriver } from '../support/libvirt-containers.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { until } from '../support/until.ts';
import { expectClosed, expectHeadRuleFirst, expectOpen, isOpen } from './expect-open.ts';

/*
 * Two containers of libvirt's LXC driver: one with its address in its XML and a policy in /etc/guestgate, one that asks for
 * its address and has its policy in its XML. The tests are one story, each goes on where the one before it ended.
 */

const web = { name: 'web', mac: '52:54:00:aa:bb:01', inXml: '192.168.122.41' } satisfies TestGuest;
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
/** Somebody else's hook, which writes down what libvirt calls. */
const recorder = '#!/bin/sh\necho "$1 $2 $3" >>/tmp/calls\ncat >/dev/null\n';

const driver = new ContainerDriver([web, meta]);
let host: LibvirtHost;
let before: { ruleset: string; files: Map<string, string> };
beforeAll(async () => {
  host = await LibvirtHost.create({ guests: [web, meta], driver });
  host.sandbox.write('/etc/libvirt/hooks/lxc.d/10-record', recorder);
  host.sandbox.sh('chmod +x /etc/libvirt/hooks/lxc.d/10-record');
  before = { ruleset: host.ruleset(), files: host.files() };
  expect(host.guestgate('install').status).toBe(0);
  expect(host.changedSince(before.files)).toContain('/etc/libvirt/hooks/lxc');
  host.configure(policy);
  await host.reloadLibvirtd();
});
afterAll(async () => {
  await host?.destroy();
  driver.removeControlGroups();
});

test('virsh start opens the ports of both containers, which were closed before', async () => {
  expect(host.fetch(8080)).toContain('Connection refused');
  expect(host.fetch(8081)).toContain('Connection refused');
  host.virsh('start', 'web');
  host.virsh('start', 'meta');
  await expectOpen(host, both);
  expect(callsOf('web')).toEqual(['prepare begin', 'start begin', 'started begin']);
  expect(host.openGuests()).toMatchObject([
    { guest: { name: 'meta', driver: 'lxc' }, address: meta.address },
    {
      guest: { name: 'web', driver: 'lxc', nics: [{ mac: web.mac, network: 'default', bridge: 'virbr122' }] },
      address: web.inXml,
      addressSource: 'the domain XML',
    },
  ]);
});

describe('they stay open', () => {
  test('when an interface is plugged into a container, and pulled', async () => {
    host.virsh('net-start', 'other');
    const nic = ['--mac', '52:54:00:aa:bb:09', '--live'];
    host.virsh('attach-interface', 'web', 'network', 'other', ...nic);
    expect(nicsOf('web')).toEqual([web.mac, '52:54:00:aa:bb:09']);
    await expectOpen(host, both);
    host.virsh('detach-interface', 'web', 'network', ...nic);
    expect(nicsOf('web')).toEqual([web.mac]);
    host.virsh('net-destroy', 'other');
    await expectOpen(host, both);
  });

  test.each(['TERM', 'KILL'] as const)(
    'while libvirtd is away, ended by SIG%s, and when it is back',
    async (signal) => {
      forgetCalls();
      await host.stopLibvirtd(signal);
      await expectOpen(host, both);
      await host.startLibvirtd();
      expect(callsOf('web')).toEqual(['reconnect begin']);
      await expectOpen(host, both);
    },
  );
});

test('a container that reboots itself stops and starts, and is open again', async () => {
  forgetCalls();
  host.sandbox.sh(
    `printf 'GET /cgi-bin/reboot HTTP/1.0\\r\\n\\r\\n' | timeout 2 socat - TCP4:${web.inXml}:80 || true`,
  );
  await until('it has started again', () => callsOf('web').includes('started begin'));
  expect(callsOf('web')).toEqual([
    'stopped end',
    'release end',
    'prepare begin',
    'start begin',
    'started begin',
  ]);
  await expectOpen(host, both);
});

test('uninstall leaves ruleset and files as they were, though containers run; install opens them again', async () => {
  expect(host.guestgate('uninstall', '--purge').status).toBe(0);
  expect(host.ruleset()).toBe(before.ruleset);
  expect(host.changedSince(before.files)).toEqual([]);
  expect(host.fetch(8080)).toContain('Connection refused');
  host.sandbox.sh('mkdir /etc/guestgate');
  host.configure(policy);
  expect(host.guestgate('install').status).toBe(0);
  await expectOpen(host, both);
});

test('a forward is published into the XML of a container that runs, and taken out of it', async () => {
  const publish = (...args: string[]) => host.guestgate(...args, '--metadata', 'meta', '8443:80');
  expect(publish('publish')).toMatchObject({ status: 0, stderr: '' });
  await expectOpen(host, { ...both, 8443: 'meta' });
  expect(host.virsh('dumpxml', 'meta', '--inactive').stdout).toContain('<gg:range start="8443" to="80"/>');
  expect(publish('unpublish').status).toBe(0);
  expect(host.fetch(8443)).toContain('Connection refused');
  await expectOpen(host, both);
});

test('the doctor knows containers', () => {
  host.configure(`${policy}[guest.gone]\nforward = ["8090:80"]\n`);
  const { stdout } = host.guestgate('doctor');
  expect(stdout).toContain('libvirt knows no guest of that name (it knows "meta", "web")');
  expect(stdout).not.toContain('libvirt does not call guestgate');
  host.configure(policy);
});

test('a container that was killed while libvirtd was away is closed when it is back', async () => {
  await host.stopLibvirtd('TERM');
  host.sandbox.sh('kill -KILL "$(cat /run/libvirt/lxc/meta.pid)"');
  await host.startLibvirtd();
  await until('meta is closed', () => host.fetch(8081).includes('refused'));
  expectClosed(host, 8081, 'meta', meta.address);
  await expectOpen(host, { 8080: 'web' });
});

test('a container that is destroyed and started again immediately is open', async () => {
  host.sandbox.sh('virsh -c lxc:///system destroy web && virsh -c lxc:///system start web');
  await expectOpen(host, { 8080: 'web' });
});

test('a container that may not start without its forward does not, and virsh says why', async () => {
  host.configure(`${policy}[guest.meta]\nforward = ["8080:80"]\non_error = "deny"\n`);
  expect(host.tryVirsh('start', 'meta')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('8080/tcp is taken by lxc guest "web"'),
  });
  expect(host.virsh('list', '--name').stdout.trim()).toBe('web');
  expect(host.openGuests().map(({ guest }) => guest.name)).toEqual(['web']);
  expect(isOpen(host, 8080, 'web')).toBe(true);
  host.configure(policy);
});

test('virsh destroy closes a container and leaves nothing', () => {
  forgetCalls();
  host.virsh('destroy', 'web');
  expect(callsOf('web')).toEqual(['stopped end', 'release end']);
  expect(host.guestgate('doctor').stdout).toContain('virsh -c lxc:///system start web');
  expectClosed(host, 8080, 'web', web.inXml);
  expect(host.openGuests()).toEqual([]);
  expectHeadRuleFirst(host);
});

function nicsOf(name: string): (string | undefined)[] {
  const found = host.openGuests().find(({ guest }) => guest.name === name);
  return (found?.guest.nics ?? []).map(({ mac }) => mac);
}

/**
 * What libvirt has called the lxc hook with for a container, since they were forgotten; each once: at `destroy` both who
 * destroys it and who sees it end may call.
 */
function callsOf(name: string): string[] {
  const lines = host.sandbox.sh('cat /tmp/calls 2>/dev/null || true').split('\n');
  const calls = lines.filter((line) => line.startsWith(`${name} `));
  return [...new Set(calls.map((line) => line.slice(name.length + 1)))];
}

function forgetCalls(): void {
  host.sandbox.sh('rm -f /tmp/calls');
}
