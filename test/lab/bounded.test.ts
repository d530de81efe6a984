import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Lab, type LabGuest, networkHookXml, publicAddress } from '../support/lab.ts';
import type { Ran } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

/*
 * Invariant 10: a hook ends within 10 s at the worst, whatever hangs, and says what it gave up on. It leaves
 * nothing running behind it that keeps libvirt's pipes open: the calls here would not end either.
 */

let lab: Lab;
let web: LabGuest;
beforeAll(async () => {
  lab = await Lab.create();
  web = lab.addGuest('web');
  lab.host.sh('iptables -P FORWARD DROP');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\non_error = "deny"\n`);
});
afterAll(() => lab.destroy());
beforeEach(() => {
  lab.host.sh('rm -f /usr/local/sbin/*');
  lab.guestgate('replay');
  lab.hook(web, 'started');
});

/** A program that does what it should only after an hour, first in the PATH. */
function hang(program: string, how: 'itself' | 'with a child that has its pipes'): void {
  const sleep = how === 'itself' ? 'exec sleep 3600' : 'sleep 3600; true';
  lab.host.sh(
    `printf '#!/bin/sh\\n${sleep}\\n' >/usr/local/sbin/${program}; chmod +x /usr/local/sbin/${program}`,
  );
}

function within10s(action: () => Ran): Ran {
  const began = performance.now();
  const ran = action();
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(ran.stdout).toBe('');
  return ran;
}

test.each([
  ['reconnect', 'itself'],
  ['stopped', 'with a child that has its pipes'],
] as const)('%s gives up and says so when nft hangs %s', (operation, how) => {
  hang('nft', how);
  const ran = within10s(() => lab.hook(web, operation));
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(/nft .*did not answer within/);
});

test('nft hangs on a changed network: its events give up', () => {
  hang('nft', 'itself');
  const ran = within10s(() => lab.networkHook('updated', networkHookXml()));
  expect(ran).toMatchObject({ status: 0 });
  expect(ran.stderr).toMatch(/nft .*did not answer within/);
  expect(within10s(() => lab.daemonHook('start')).status).toBe(0);
});

test('iptables-nft-restore hangs: reconnect gives up and says so', () => {
  lab.host.sh('iptables -F FORWARD');
  hang('iptables-nft-restore', 'itself');
  const ran = within10s(() => lab.hook(web, 'reconnect'));
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(/iptables-nft-restore .*did not answer/);
});

/** Somebody has the lock while something is done. */
function whileHeld(action: () => Ran): Ran {
  lab.host.sh('rm -f /tmp/held /tmp/go; mkfifo /tmp/go');
  lab.host.start('flock', ['/run/guestgate/lock', 'sh', '-c', 'touch /tmp/held; read line </tmp/go']);
  lab.host.sh('for i in $(seq 100); do [ -e /tmp/held ] && exit; sleep 0.05; done; exit 1');
  const ran = within10s(action);
  lab.host.sh('echo >/tmp/go; rm /tmp/go');
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain('others hold /run/guestgate/lock');
  return ran;
}

test('somebody holds the lock: events give up and say so, and what they left is done as soon as it is free', async () => {
  const ran = whileHeld(() => lab.hook(web, 'stopped'));
  expect(ran.stderr).toMatch(/warn: .* is done as soon as they let go/);
  await until('the guest is closed', () => !isOpen(8080));
  await nobodyFinishes();
});

test('nft hangs, and works again: what failed meanwhile is done without another event', async () => {
  hang('nft', 'itself');
  within10s(() => lab.hook(web, 'stopped'));
  expect(isOpen(8080)).toBe(true);
  lab.host.sh('rm /usr/local/sbin/nft');
  await until('the guest is closed', () => !isOpen(8080));
  await nobodyFinishes();
});

test('what was given up is done by the next event, whoever it is for', async () => {
  const other = lab.addGuest('other');
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n[guest.other]\naddress = "${other.address}"\nforward = ["8081:80"]\n`,
  );
  // The one that would do it by itself cannot.
  lab.host.start('flock', [finisher, 'sleep', '60']);
  whileHeld(() => lab.hook(web, 'stopped'));
  lab.hook(other, 'started');
  expect([isOpen(8080), isOpen(8081)]).toEqual([false, true]);
  expect(lab.host.sh('ls /run/guestgate/wishes')).toBe('');
  // And what waits for a guest itself is not overtaken: it was to open, and is closed now.
  whileHeld(() => lab.hook(web, 'started'));
  lab.hook(web, 'stopped');
  expect(isOpen(8080)).toBe(false);
});

function isOpen(port: number): boolean {
  return lab.fetch('client', publicAddress, port).includes('hello');
}

/** What the process that does what was left holds as long as it runs. */
const finisher = '/run/guestgate/finisher';

/** The process that did what was left has ended. */
async function nobodyFinishes(): Promise<void> {
  await until(
    'nobody finishes',
    () => lab.host.run('flock', ['-n', finisher, 'true'], { mayFail: true }).status === 0,
  );
  expect(lab.host.sh('ls /run/guestgate/wishes')).toBe('');
}
