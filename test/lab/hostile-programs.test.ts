import { expect } from 'vitest';
import { hookEnvironment } from '../support/sandbox.ts';
import { someOf } from '../support/thoroughness.ts';
import { expectComplaint, type HostileHost, ownHostileTest } from './hostile-host.ts';

/*
 * Many of these hooks wait for what does not come, and no two tests for the same: each has a host of its own, and they
 * wait side by side.
 */

const test = ownHostileTest();
test.afterEach(({ host }) => {
  host.lab.host.sh('rm -rf /tmp/bin');
  host.expectPeace();
});

/** The environment with a script in place of a program. */
function replaced(host: HostileHost, program: string, script: string): Record<string, string> {
  host.lab.host.write(`/tmp/bin/${program}`, `#!/bin/sh\n${script}\n`);
  host.lab.host.sh(`chmod +x /tmp/bin/${program}`);
  return { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
}

/** Moves a program away while something is done. */
function without(host: HostileHost, path: string, action: () => void): void {
  host.lab.host.run('mv', [path, `${path}.away`]);
  try {
    action();
  } finally {
    host.lab.host.run('mv', [`${path}.away`, path]);
  }
}

/** nft as it may be, and what is said of it. */
const badNft: Readonly<Record<string, readonly [script: string, said: RegExp]>> = {
  'fails silently': ['exit 1', /nft -f - failed with exit code 1/],
  'fails and says why': [
    'echo "Operation not permitted (you must be root)" >&2; exit 1',
    /nft .*: Operation not permitted/,
  ],
  'fails and says a lot': ['yes "Error: nonsense" | head -100000 >&2; exit 1', /nft .*Error: nonsense/],
  'is killed': ['kill -9 $$', /nft -f - /],
  hangs: ['exec sleep 1000', /nft .* did not answer within/],
  'hangs, and so do its children': ['sleep 1000 & sleep 1000', /nft .* did not answer within/],
  'ignores what it is told and hangs': [
    "trap '' TERM INT HUP; while :; do sleep 1; done",
    /nft .* did not answer within/,
  ],
  // More than is kept of an output, which costs seconds of computing; and less than that.
  'floods its output': ['exec yes', /nft .*/],
  'never stops talking': [
    'while :; do yes | head -c 10000000; sleep 0.1; done',
    /nft .* did not answer within/,
  ],
};

/** How nft goes wrong, put in place of the real one. */
function badNftEnvironment(host: HostileHost, name: string): Record<string, string> {
  return replaced(host, 'nft', badNft[name]?.[0] ?? '');
}

const bad = someOf(Object.entries(badNft), 3);
test.concurrent.for(bad)(
  'nft %s: the hook says so in time, and replay repairs it',
  async ([name, [, said]], { host }) => {
    expectComplaint(await host.victimCallAside('started', { env: badNftEnvironment(host, name) }), 0, said);
    host.expectNeighbour();
    host.setRunning(host.victim, true);
    host.expectHealedByReplay();
    host.expectVictim(true);
    expectComplaint(await host.victimCallAside('stopped', { env: badNftEnvironment(host, name) }), 0, said);
    host.expectNeighbour();
    expect(host.victimCall('release')).toMatchObject({ status: 0 });
    host.setRunning(host.victim, false);
    host.expectVictim(false);
    host.expectAgreement();
  },
);

test.concurrent.for(['fails silently', 'hangs, and so do its children', 'floods its output'])(
  'nft %s: a guest that must not start without its restrictions does not',
  async (name, { host }) => {
    host.configure('allow_from = ["198.51.100.0/24"]\non_error = "deny"\n');
    const env = badNftEnvironment(host, name);
    const said = badNft[name]?.[1] as RegExp;
    expectComplaint(await host.victimCallAside('start', { env }), 1, said);
    expectComplaint(await host.victimCallAside('reconnect', { env }), 0, said);
    host.victimCall('release');
  },
);

test.concurrent.for(['fails silently', 'hangs, and so do its children', 'never stops talking'])(
  'nft %s: events of networks and of the daemon end in time',
  async (name, { host }) => {
    const env = badNftEnvironment(host, name);
    const input = '<hookData><network><name>n</name><bridge name="virbr7"/></network></hookData>';
    for (const operation of ['started', 'stopped']) {
      const ran = await host.callAside({ hook: 'network', object: 'n', operation, input, env });
      expect(ran.status).toBe(0);
    }
    const ran = await host.callAside({ hook: 'daemon', object: '-', operation: 'start', env });
    expect(ran.status).toBe(0);
    host.expectHealedByReplay();
  },
);

test.concurrent('the hook says that nft is not installed', async ({ host }) => {
  without(host, '/usr/sbin/nft', () => {
    for (const operation of ['started', 'reconnect'])
      expectComplaint(host.victimCall(operation), 0, /nft -f - is not installed/);
  });
  expect(host.victimCall('reconnect').status).toBe(0);
  host.setRunning(host.victim, true);
  host.expectVictim(true);
  host.expectAgreement();
  without(host, '/usr/sbin/nft', () => {
    expectComplaint(host.victimCall('stopped'), 0, /nft -f - is not installed/);
    expect(host.lab.guestgate('check').status).toBe(1);
    expectComplaint(host.lab.guestgate('replay'), 1, /nft -f - is not installed/);
  });
  host.setRunning(host.victim, false);
  expect(host.victimCall('release').status).toBe(0);
  host.expectVictim(false);
});

test.concurrent('every program slow, none of them hung: a hook ends in time', async ({ host }) => {
  host.lab.host.sh('iptables -P FORWARD DROP');
  for (const program of ['nft', 'iptables-nft-restore', 'iptables-legacy-save', 'flock'])
    replaced(host, program, `sleep 2.5; PATH=${hookEnvironment.PATH} exec ${program} "$@"`);
  const env = { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
  for (const operation of ['started', 'reconnect', 'stopped'])
    expect((await host.victimCallAside(operation, { env })).status).toBe(0);
  host.lab.host.sh('iptables -P FORWARD ACCEPT');
  host.expectHealedByReplay();
});

test.concurrent(
  'the hook waits for a lock that another program keeps, and then says so',
  async ({ host }) => {
    const holder = host.lab.host.start('flock', ['/run/guestgate/lock', 'sleep', '1000']);
    try {
      host.lab.host.sh(
        'for i in $(seq 2000); do flock -n /run/guestgate/lock true || exit 0; sleep 0.1; done; exit 1',
      );
      expectComplaint(await host.victimCallAside('started'), 0, /others hold \/run\/guestgate\/lock/);
      expect(host.victimCall('prepare')).toMatchObject({ status: 0, stderr: '' });
    } finally {
      host.lab.host.sh('fuser -k /run/guestgate/lock >/dev/null 2>&1 || true');
      holder.kill();
    }
    host.lab.host.sh(
      'for i in $(seq 2000); do flock -n /run/guestgate/lock true && exit 0; sleep 0.1; done; exit 1',
    );
    host.setRunning(host.victim, true);
    host.expectHealedByReplay();
    host.expectVictim(true);
  },
);

test.concurrent(
  'a failure of iptables is reported; the forwards are there all the same',
  async ({ host }) => {
    host.lab.host.sh('iptables -F FORWARD; iptables -P FORWARD DROP');
    const env = replaced(host, 'iptables-nft-restore', 'echo "iptables-restore: no" >&2; exit 3');
    expectComplaint(
      host.victimCall('started', { env }),
      0,
      /1 forward to .*; but kernel: putting guestgate's head rule first in iptables FORWARD: .*iptables-restore: no/,
    );
    host.setRunning(host.victim, true);
    host.expectHealedByReplay();
    host.expectVictim(true);
    host.lab.host.sh('iptables -P FORWARD ACCEPT');
  },
);

test.concurrent('no PATH, no HOME, no environment at all', async ({ host }) => {
  for (const script of ['env -i "$@"', 'PATH= "$@"', 'PATH=. HOME= LC_ALL=nonsense "$@"']) {
    expect(host.victimCall('started', { script })).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    host.expectVictim(true);
    expect(host.victimCall('stopped', { script })).toMatchObject({ status: 0 });
    host.expectVictim(false);
  }
});

test.concurrent(
  'a process limit, a memory limit and a file limit end a hook with exit code 0',
  async ({ host }) => {
    for (const script of ['ulimit -n 20; "$@"', 'ulimit -f 0; "$@"', 'ulimit -c 0; ulimit -t 1; "$@"']) {
      const ran = host.victimCall('reconnect', { script });
      expect([ran.status, script]).toEqual([0, script]);
    }
    host.setRunning(host.victim, true);
    host.expectHealedByReplay();
  },
);
