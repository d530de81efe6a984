import { afterEach, expect } from 'vitest';
import { client, publicAddress } from '../support/lab.ts';
import { repositoryPath } from '../support/repository.ts';
import { hookEnvironment } from '../support/sandbox.ts';
import { type Call, expectComplaint, hostileTest } from './hostile-host.ts';

/*
 * dist/guestgate.mjs, for machines that bun does not serve: under Node the C library cannot be called, so lock, listings
 * and the system's log go through other programs.
 */

const { test, host } = hostileTest();
test.beforeAll(() => {
  host.lab.host.run('sh', [
    '-ec',
    'mkdir /etc/libvirt/hooks/qemu.d; cp "$1" /etc/libvirt/hooks/qemu.d/50-node.mjs',
    'sh',
    repositoryPath('dist/guestgate.mjs'),
  ]);
});
afterEach(() => {
  host.lab.host.sh('rm -rf /tmp/bin');
  host.reset();
  host.expectAgreement();
});

function call(operation: string, options: Partial<Call> = {}) {
  return host.victimCall(operation, { hook: 'qemu.d/50-node.mjs', ...options });
}

/** The environment with a script in place of flock(1). */
function withFlock(script: string): Record<string, string> {
  host.lab.host.write('/tmp/bin/flock', `#!/bin/sh\n${script}\n`);
  host.lab.host.sh('chmod +x /tmp/bin/flock');
  return { PATH: `/tmp/bin:${hookEnvironment.PATH}` };
}

test('a guest is opened, ahead of what would reject it, and closed', () => {
  host.lab.host.sh('iptables -F FORWARD; iptables -I FORWARD -j REJECT');
  expect(call('started')).toMatchObject({ status: 0, stderr: expect.stringContaining('1 forward to') });
  host.expectVictim(true);
  host.expectNeighbour();
  expect(call('stopped').status).toBe(0);
  host.expectVictim(false);
  host.lab.host.sh('iptables -D FORWARD -j REJECT');
});

test('flock that is missing, fails or hangs is reported, and nothing is done without it', () => {
  host.lab.host.sh('mv /usr/bin/flock /usr/bin/flock.away');
  expectComplaint(call('started'), 0, /taking the lock: flock .*could not be run/);
  host.lab.host.sh('mv /usr/bin/flock.away /usr/bin/flock');
  for (const script of ['exit 1', 'exec sleep 1000', 'sleep 1000 & sleep 1000'])
    expectComplaint(call('started', { env: withFlock(script) }), 0, /taking the lock/);
  host.expectVictim(false);
});

test('a command waits for a lock that is held', () => {
  host.lab.host.start('flock', ['/run/guestgate/lock', 'sleep', '2']);
  host.lab.host.sh(
    'for i in $(seq 2000); do flock -n /run/guestgate/lock true || exit 0; sleep 0.1; done; exit 1',
  );
  expect(call('started')).toMatchObject({ status: 0, stderr: expect.stringContaining('1 forward to') });
  host.expectVictim(true);
});

test('connections end with the guest', () => {
  const ask = () => host.lab.ask('client', publicAddress, 5353, { source: client, sourcePort: 4446 });
  host.lab.configure(`${host.policyText()}`.replace('"8080:80"', '"8080:80", "5353:53/udp"'));
  ask();
  call('started');
  expect(ask()).toContain('hello from guest2');
  call('stopped');
  expect(host.lab.host.sh('conntrack -L -p udp 2>/dev/null')).not.toContain('sport=4446');
});
