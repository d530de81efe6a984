import { expect, test } from 'vitest';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import type { Ran } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

/*
 * Invariant 10: a hook ends within 10 s at the worst, whatever hangs, and says what it gave up on. It leaves
 * nothing running behind it that keeps libvirt's pipes open: the calls here would not end either.
 */

/** What the process that does what was left holds as long as it runs. */
const retry = '/run/guestgate/retry';

interface Host {
  readonly lab: Lab;
  readonly web: LabGuest;
}

/** These hooks wait, and do so side by side: each test has a host of its own. */
function hosted(action: (host: Host) => Promise<void>): () => Promise<void> {
  return async () => {
    const lab = await Lab.create();
    try {
      const web = lab.addGuest('web');
      lab.host.sh('iptables -P FORWARD DROP');
      lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\non_error = "deny"\n`);
      lab.hook(web, 'started');
      await action({ lab, web });
    } finally {
      await lab.destroy();
    }
  };
}

/** A program that does what it should only after an hour, first in the PATH. */
function hang(lab: Lab, program: string, how: 'itself' | 'with a child that has its pipes'): void {
  const sleep = how === 'itself' ? 'exec sleep 3600' : 'sleep 3600; true';
  lab.host.sh(
    `printf '#!/bin/sh\\n${sleep}\\n' >/usr/local/sbin/${program}; chmod +x /usr/local/sbin/${program}`,
  );
}

async function inTime(action: () => Promise<Ran>): Promise<Ran> {
  const began = performance.now();
  const ran = await action();
  // Many times that: what hangs would not end for an hour, and the machine may have little time for us.
  expect(performance.now() - began).toBeLessThan(90_000);
  expect(ran.stdout).toBe('');
  return ran;
}

test.concurrent.each([
  ['reconnect', 'itself'],
  ['stopped', 'with a child that has its pipes'],
] as const)('%s gives up and says so when nft hangs %s', (operation, how) =>
  hosted(async ({ lab, web }) => {
    hang(lab, 'nft', how);
    const ran = await inTime(() => lab.hookAside(web, operation));
    expect(ran.status).toBe(0);
    expect(ran.stderr).toMatch(/nft .*did not answer within/);
  })(),
);

test.concurrent(
  'nft hangs on a changed network: its events give up',
  hosted(async ({ lab }) => {
    hang(lab, 'nft', 'itself');
    const ran = await inTime(() => lab.networkHookAside('updated'));
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stderr).toMatch(/nft .*did not answer within/);
    expect((await inTime(() => lab.daemonHookAside('start'))).status).toBe(0);
  }),
);

test.concurrent(
  'iptables-nft-restore hangs: reconnect gives up and says so',
  hosted(async ({ lab, web }) => {
    lab.host.sh('iptables -F FORWARD');
    hang(lab, 'iptables-nft-restore', 'itself');
    const ran = await inTime(() => lab.hookAside(web, 'reconnect'));
    expect(ran.status).toBe(0);
    expect(ran.stderr).toMatch(/iptables-nft-restore .*did not answer/);
  }),
);

/** Somebody has the lock while something is done. */
async function whileHeld(lab: Lab, action: () => Promise<Ran>): Promise<Ran> {
  lab.host.sh('rm -f /tmp/held /tmp/go; mkfifo /tmp/go');
  lab.host.start('flock', ['/run/guestgate/lock', 'sh', '-c', 'touch /tmp/held; read line </tmp/go']);
  lab.host.sh('for i in $(seq 2000); do [ -e /tmp/held ] && exit; sleep 0.05; done; exit 1');
  const ran = await inTime(action);
  lab.host.sh('echo >/tmp/go; rm /tmp/go');
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain('others hold /run/guestgate/lock');
  return ran;
}

test.concurrent(
  'another process holds the lock: events give up and say so, and their requests are carried out when it is released',
  hosted(async ({ lab, web }) => {
    const ran = await whileHeld(lab, () => lab.hookAside(web, 'stopped'));
    expect(ran.stderr).toMatch(/warn: .* queued; will be applied when the lock is released/);
    await until('the guest is closed', () => !isOpen(lab, 8080));
    await nobodyFinishes(lab);
  }),
);

test.concurrent(
  'nft hangs, and works again: what failed meanwhile is done without another event',
  hosted(async ({ lab, web }) => {
    hang(lab, 'nft', 'itself');
    await inTime(() => lab.hookAside(web, 'stopped'));
    expect(isOpen(lab, 8080)).toBe(true);
    lab.host.sh('rm /usr/local/sbin/nft');
    await until('the guest is closed', () => !isOpen(lab, 8080));
    await nobodyFinishes(lab);
  }),
);

/** With another guest, which is to be reached at port 8081; and what was left is done by nobody but the next event. */
function withOther({ lab, web }: Host): LabGuest {
  const other = lab.addGuest('other');
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n[guest.other]\naddress = "${other.address}"\nforward = ["8081:80"]\n`,
  );
  lab.host.start('flock', [retry, 'sleep', '60']);
  lab.host.sh(`for i in $(seq 2000); do flock -n ${retry} true || exit 0; sleep 0.1; done; exit 1`);
  return other;
}

test.concurrent(
  'the next event of any guest carries out what was given up',
  hosted(async ({ lab, web }) => {
    const other = withOther({ lab, web });
    await whileHeld(lab, () => lab.hookAside(web, 'stopped'));
    lab.hook(other, 'started');
    expect([isOpen(lab, 8080), isOpen(lab, 8081)]).toEqual([false, true]);
    expect(lab.host.sh('ls /run/guestgate/requests')).toBe('');
  }),
);

test.concurrent(
  'what waits for a guest is not overtaken: it was to open, and is closed now',
  hosted(async ({ lab, web }) => {
    withOther({ lab, web });
    lab.hook(web, 'stopped');
    await whileHeld(lab, () => lab.hookAside(web, 'started'));
    lab.hook(web, 'stopped');
    expect(isOpen(lab, 8080)).toBe(false);
  }),
);

function isOpen(lab: Lab, port: number): boolean {
  return lab.fetch('client', publicAddress, port).includes('hello');
}

/** The process that did what was left has ended. */
async function nobodyFinishes(lab: Lab): Promise<void> {
  await until(
    'nobody finishes',
    () => lab.host.run('flock', ['-n', retry, 'true'], { mayFail: true }).status === 0,
  );
  expect(lab.host.sh('ls /run/guestgate/requests')).toBe('');
}
