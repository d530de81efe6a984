import { expect } from 'vitest';
import { type Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';
import type { Ran } from '../support/ran.ts';
import { until } from '../support/until.ts';

/*
 * Invariant 10: a hook ends within 10 s at the worst, whatever hangs, and says what it gave up on. It leaves
 * nothing running behind it that keeps libvirt's pipes open: the calls here would not end either.
 */

/** What the process that does what was left holds as long as it runs. */
const retry = '/run/guestgate/retry';

const { test, web } = ownLabTest({ guests: ['web'], forwarding: 'DROP' });
test.beforeEach(({ lab }) => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\non_error = "deny"\n`);
  lab.hook(web, 'started');
});

/** A program that does what it should only after an hour, first in the PATH. It notes each of its calls. */
function hang(lab: Lab, program: string, how: 'itself' | 'with a child that has its pipes'): void {
  const sleep = how === 'itself' ? 'exec sleep 3600' : 'sleep 3600; true';
  lab.host.write(`/usr/local/sbin/${program}`, `#!/bin/sh\necho called >>/tmp/hung\n${sleep}\n`);
  lab.host.sh(`chmod +x /usr/local/sbin/${program}; : >/tmp/hung`);
}

/**
 * Runs a hook while a program hangs. It waits 3 s at the most for a program, 8 s for all, and then half a second for each
 * that it still starts (`limits` in src/system/run.ts): with four calls, 10 s. No clock is looked at here, so that a busy machine
 * changes nothing.
 */
async function waitsAtMost10s(lab: Lab, action: () => Promise<Ran>): Promise<Ran> {
  lab.host.sh(': >/tmp/hung');
  const ran = await action();
  const calls = lab.host
    .read('/tmp/hung')
    .split('\n')
    .filter((line) => line !== '').length;
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThanOrEqual(4);
  const limits = [...ran.stderr.matchAll(/did not answer within ([\d.]+) s/g)].map(([, limit]) =>
    Number(limit),
  );
  for (const limit of limits) expect(limit).toBeLessThanOrEqual(3);
  expect(ran).toMatchObject({ status: 0, stdout: '' });
  return ran;
}

test.concurrent.for([
  ['reconnect', 'itself'],
  ['stopped', 'with a child that has its pipes'],
] as const)('%s gives up and says so when nft hangs %s', async ([operation, how], { lab }) => {
  hang(lab, 'nft', how);
  const ran = await waitsAtMost10s(lab, () => lab.hookAside(web, operation));
  expect(ran.stderr).toMatch(/nft .*did not answer within/);
});

test.concurrent('nft hangs on a changed network: its events give up', async ({ lab }) => {
  hang(lab, 'nft', 'itself');
  const ran = await waitsAtMost10s(lab, () => lab.networkHookAside('updated'));
  expect(ran.stderr).toMatch(/nft .*did not answer within/);
  await waitsAtMost10s(lab, () => lab.daemonHookAside('start'));
});

test.concurrent('iptables-nft-restore hangs: reconnect gives up and says so', async ({ lab }) => {
  lab.host.sh('iptables -F FORWARD');
  hang(lab, 'iptables-nft-restore', 'itself');
  const ran = await waitsAtMost10s(lab, () => lab.hookAside(web, 'reconnect'));
  expect(ran.stderr).toMatch(/iptables-nft-restore .*did not answer/);
});

/** Somebody has the lock while something is done. */
async function whileHeld(lab: Lab, action: () => Promise<Ran>): Promise<Ran> {
  lab.host.sh('rm -f /tmp/held /tmp/go; mkfifo /tmp/go');
  lab.host.start('flock', ['/run/guestgate/lock', 'sh', '-c', 'touch /tmp/held; read line </tmp/go']);
  lab.host.sh('for i in $(seq 2000); do [ -e /tmp/held ] && exit; sleep 0.05; done; exit 1');
  const ran = await action();
  lab.host.sh('echo >/tmp/go; rm /tmp/go');
  expect(ran).toMatchObject({ status: 0, stdout: '' });
  const [, seconds] = /others hold \/run\/guestgate\/lock for more than ([\d.]+) s/.exec(ran.stderr) ?? [];
  expect(Number(seconds)).toBeLessThanOrEqual(6);
  return ran;
}

test.concurrent(
  'another program holds the lock: events give up and say so, and what they left is done as soon as it is free',
  async ({ lab }) => {
    const ran = await whileHeld(lab, () => lab.hookAside(web, 'stopped'));
    expect(ran.stderr).toMatch(/warn: .* queued; will be applied when the lock is released/);
    await until('the guest is closed', () => !isOpen(lab, 8080));
    await nobodyFinishes(lab);
  },
);

test.concurrent(
  'nft hangs, and works again: what failed meanwhile is done without another event',
  async ({ lab }) => {
    hang(lab, 'nft', 'itself');
    await waitsAtMost10s(lab, () => lab.hookAside(web, 'stopped'));
    expect(isOpen(lab, 8080)).toBe(true);
    lab.host.sh('rm /usr/local/sbin/nft');
    await until('the guest is closed', () => !isOpen(lab, 8080));
    await nobodyFinishes(lab);
  },
);

/** With another guest, which is to be reached at port 8081; and what was left is done by nobody but the next event. */
function withOther(lab: Lab): LabGuest {
  const other = lab.addGuest('other');
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n[guest.other]\naddress = "${other.address}"\nforward = ["8081:80"]\n`,
  );
  lab.host.start('flock', [retry, 'sleep', '60']);
  lab.host.sh(`for i in $(seq 2000); do flock -n ${retry} true || exit 0; sleep 0.1; done; exit 1`);
  return other;
}

test.concurrent('what was given up is done by the next event of any guest', async ({ lab }) => {
  const other = withOther(lab);
  await whileHeld(lab, () => lab.hookAside(web, 'stopped'));
  lab.hook(other, 'started');
  expect([isOpen(lab, 8080), isOpen(lab, 8081)]).toEqual([false, true]);
  expect(lab.host.sh('ls /run/guestgate/requests')).toBe('');
});

test.concurrent(
  'what waits for a guest is not overtaken: it was to open, and is closed now',
  async ({ lab }) => {
    withOther(lab);
    lab.hook(web, 'stopped');
    await whileHeld(lab, () => lab.hookAside(web, 'started'));
    lab.hook(web, 'stopped');
    expect(isOpen(lab, 8080)).toBe(false);
  },
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

test.concurrent(
  'a command that another program keeps from its work ends with 1: 2 says that nothing is changed, or the user is wrong',
  async ({ lab }) => {
    const file = '/run/guestgate/lock';
    lab.host.start('flock', [file, 'sh', '-c', 'touch /tmp/held; exec sleep 1000']);
    await until('the lock is held', () => lab.host.sh('ls /tmp').includes('held'));
    const calls = [['replay'], ['publish', 'web', '8081:80']];
    const ended = await Promise.all(
      calls.map((call) => lab.host.runAside('/usr/bin/guestgate', call, { mayFail: true })),
    );
    for (const ran of ended) {
      expect(ran.stderr).toContain('others hold /run/guestgate/lock');
      expect(ran.status).toBe(1);
    }
    expect(lab.host.read('/etc/guestgate/guestgate.toml')).toContain('8081:80');
  },
);
