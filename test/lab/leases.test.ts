import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/* A guest has no lease yet when libvirt calls the hook, and no hook is called when it gets one, or another. */

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(() => {
  lab.host.sh('ip -n guest1 addr add 192.168.122.77/24 dev eth0; mkdir -p /var/lib/libvirt/dnsmasq');
  lab.configure('[guest.web]\nforward = ["8080:80"]\n');
});

function lease(address: string): void {
  const entry = {
    'ip-address': address,
    'mac-address': web.mac,
    'expiry-time': Math.floor(Date.now() / 1000) + 3600,
  };
  lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', JSON.stringify([entry]));
}

const fetch = () => lab.fetch('client', publicAddress, 8080);
const target = () => /tcp \. 8080 .*: (\S+) \. 80/.exec(lab.ruleset())?.[1];
const waits = () => lab.host.sh('ls -l /proc/$(pgrep -f [f]ollow-leases)/fd || true').includes('inotify');
const followers = () => lab.host.sh("pgrep -fc '[f]ollow-leases' || true").trim();

test('a guest without a lease is reported, and gets its forwards with its lease', async () => {
  const started = lab.hook(web, 'started');
  expect(started).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringContaining('its address is not known'),
  });
  expect(fetch()).toContain('refused');
  await until('somebody waits for it', waits);
  lease(web.address);
  await until('it is open', () => target() === web.address);
  expect(fetch()).toContain('hello from guest1');
  expect(lab.guestgate('check').status).toBe(0);
});

test('more events start no second one', () => {
  for (const _ of [1, 2, 3]) lab.hook(web, 'reconnect');
  lab.guestgate('replay');
  expect(followers()).toBe('1');
});

test('the state folder is removed, the guest is replayed: one follower stays', async () => {
  lab.host.sh('rm -r /run/guestgate');
  lab.guestgate('replay');
  await until('the first has ended, or has the lock again', () => followers() === '1');
  const [pid = ''] = lab.host.sh("pgrep -f '[f]ollow-leases'").trim().split('\n');
  expect(lab.host.sh('cat /run/guestgate/follower')).toBe(pid);
});

test('the forwards move with the lease', async () => {
  lease('192.168.122.77');
  await until('it has moved', () => target() === '192.168.122.77');
  expect(fetch()).toContain('hello from guest1');
});

test('a lease that names the address of the host is not followed', async () => {
  lease('192.168.122.1');
  await until('it is closed', () => target() === undefined);
  lease(web.address);
  await until('it is open again', () => target() === web.address);
});

test('no process follows leases when no such guest runs any more', async () => {
  lab.end(web);
  await until('it has ended', () => followers() === '0');
  expect(lab.host.sh('ls /run/guestgate/guests')).toBe('');
});

test('a guest that gets its policy while it runs is followed from then on', async () => {
  lab.configure('');
  lab.hook(web, 'started');
  expect(followers()).toBe('0');
  lab.configure('[guest.web]\nforward = ["8080:80"]\n');
  expect(lab.guestgate('apply').status).toBe(0);
  lease('192.168.122.77');
  await until('it is open at its new lease', () => target() === '192.168.122.77');
  lab.end(web);
  await until('the follower has ended', () => followers() === '0');
});

test('uninstall ends it, and leaves nothing of its own', async () => {
  lab.host.sh('rm /var/lib/libvirt/dnsmasq/virbr0.status');
  lab.hook(web, 'started');
  await until('it waits', () => followers() === '1', 5);
  lab.guestgate('uninstall');
  await until('it has ended', () => followers() === '0', 5);
  expect(lab.host.sh('ls -d /run/guestgate 2>/dev/null || true')).toBe('');
});
