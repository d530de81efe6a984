import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hookEnvironment } from '../support/sandbox.ts';
import { expectComplaint, HostileHost } from './hostile-host.ts';

let host: HostileHost;
beforeAll(async () => {
  host = await HostileHost.create();
});
afterEach(() => {
  host.lab.host.sh('rm -rf /tmp/bin');
  host.reset();
  host.expectAgreement();
  host.expectNeighbour();
});
afterAll(() => host.lab.destroy());

/** The environment with a script in place of a program. */
function replaced(program: string, script: string): Record<string, string> {
  host.lab.host.write(`/tmp/bin/${program}`, `#!/bin/sh\n${script}\n`);
  host.lab.host.sh(`chmod +x /tmp/bin/${program}`);
  return { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
}

/** Moves a program away while something is done. */
function without(path: string, action: () => void): void {
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
  'floods its output': ['exec yes', /nft .*/],
};

/** How nft goes wrong, put in place of the real one. */
function badNftEnvironment(name: string): Record<string, string> {
  return replaced('nft', badNft[name]?.[0] ?? '');
}

test.each(Object.entries(badNft))('nft %s: it is told in time, and repaired by replay', (name, [, said]) => {
  expectComplaint(host.victimCall('started', { env: badNftEnvironment(name) }), 0, said);
  host.expectNeighbour();
  host.setRunning(host.victim, true);
  host.expectHealedByReplay();
  host.expectVictim(true);
  expectComplaint(host.victimCall('stopped', { env: badNftEnvironment(name) }), 0, said);
  host.expectNeighbour();
  expect(host.victimCall('release')).toMatchObject({ status: 0 });
  host.setRunning(host.victim, false);
  host.expectVictim(false);
  host.expectAgreement();
});

describe.each(['fails silently', 'hangs, and so do its children', 'floods its output'])('nft %s', (name) => {
  test('a guest that must not start without its restrictions does not', () => {
    host.configure('allow_from = ["198.51.100.0/24"]\non_error = "deny"\n');
    const said = badNft[name]?.[1] as RegExp;
    expectComplaint(host.victimCall('start', { env: badNftEnvironment(name) }), 1, said);
    expectComplaint(host.victimCall('reconnect', { env: badNftEnvironment(name) }), 0, said);
    host.victimCall('release');
  });

  test('events of networks and of the daemon end in time', () => {
    const env = badNftEnvironment(name);
    const input = '<hookData><network><name>n</name><bridge name="virbr7"/></network></hookData>';
    for (const operation of ['started', 'stopped'])
      expect(host.call({ hook: 'network', object: 'n', operation, input, env }).status).toBe(0);
    expect(host.call({ hook: 'daemon', object: '-', operation: 'start', env }).status).toBe(0);
    host.expectHealedByReplay();
  });
});

test('nft that is not installed is told', () => {
  without('/usr/sbin/nft', () => {
    for (const operation of ['started', 'reconnect'])
      expectComplaint(host.victimCall(operation), 0, /nft -f - is not installed/);
  });
  expect(host.victimCall('reconnect').status).toBe(0);
  host.setRunning(host.victim, true);
  host.expectVictim(true);
  host.expectAgreement();
  without('/usr/sbin/nft', () => {
    expectComplaint(host.victimCall('stopped'), 0, /nft -f - is not installed/);
    expect(host.lab.guestgate('check').status).toBe(1);
    expectComplaint(host.lab.guestgate('replay'), 1, /nft -f - is not installed/);
  });
  host.setRunning(host.victim, false);
  expect(host.victimCall('release').status).toBe(0);
  host.expectVictim(false);
});

test('every program slow, none of them hung: a hook ends in time', () => {
  host.lab.host.sh('iptables -P FORWARD DROP');
  for (const program of ['nft', 'iptables-nft-restore', 'iptables-legacy-save', 'flock'])
    replaced(program, `sleep 2.5; PATH=${hookEnvironment.PATH} exec ${program} "$@"`);
  const env = { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
  for (const operation of ['started', 'reconnect', 'stopped'])
    expect(host.victimCall(operation, { env }).status).toBe(0);
  host.lab.host.sh('iptables -P FORWARD ACCEPT');
  host.expectHealedByReplay();
});

test('a lock that somebody keeps is waited for, and then told', () => {
  const holder = host.lab.host.start('flock', ['/run/guestgate/lock', 'sleep', '1000']);
  try {
    host.lab.host.sh(
      'for i in $(seq 50); do flock -n /run/guestgate/lock true || exit 0; sleep 0.1; done; exit 1',
    );
    expectComplaint(host.victimCall('started'), 0, /others hold \/run\/guestgate\/lock/);
    expect(host.victimCall('prepare')).toMatchObject({ status: 0, stderr: '' });
  } finally {
    host.lab.host.sh('fuser -k /run/guestgate/lock >/dev/null 2>&1 || true');
    holder.kill();
  }
  host.lab.host.sh(
    'for i in $(seq 50); do flock -n /run/guestgate/lock true && exit 0; sleep 0.1; done; exit 1',
  );
  host.setRunning(host.victim, true);
  host.expectHealedByReplay();
  host.expectVictim(true);
});

test('iptables that fails is told; the forwards stand all the same', () => {
  host.lab.host.sh('iptables -F FORWARD; iptables -P FORWARD DROP');
  const env = replaced('iptables-nft-restore', 'echo "iptables-restore: no" >&2; exit 3');
  expectComplaint(
    host.victimCall('started', { env }),
    0,
    /1 forward to .*; but putting the accept first in iptables FORWARD: .*iptables-restore: no/,
  );
  host.setRunning(host.victim, true);
  host.expectHealedByReplay();
  host.expectVictim(true);
  host.lab.host.sh('iptables -P FORWARD ACCEPT');
});

test('no PATH, no HOME, no environment at all', () => {
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

test('a process limit, a memory limit and a file limit end a hook with exit code 0', () => {
  for (const script of ['ulimit -n 20; "$@"', 'ulimit -f 0; "$@"', 'ulimit -c 0; ulimit -t 1; "$@"']) {
    const ran = host.victimCall('reconnect', { script });
    expect([ran.status, script]).toEqual([0, script]);
  }
  host.setRunning(host.victim, true);
  host.expectHealedByReplay();
});
