import { afterEach, expect } from 'vitest';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';
import { garbage, hostileTest } from './hostile-host.ts';

/* Policies that have been read are kept, once the configuration is a moment old: it stays the same all the time. */

const cache = '/run/guestgate/policies';

const { test, host } = hostileTest();
let made: string;
test.beforeAll(async () => {
  await until('the policies are kept', () => {
    host.victimCall('started');
    return host.lab.host.run('test', ['-e', cache], { mayFail: true }).status === 0;
  });
  host.setRunning(host.victim, true);
  made = host.lab.host.read(cache);
});
afterEach(() => {
  host.expectAgreement();
  host.expectNeighbour();
});

test.each(someOf(Object.entries(garbage), 5))('the policy cache contains %s: it is rebuilt', (_, script) => {
  for (const spoil of [script, `printf '%s\\n' "$2" >"$1"; ${script.replaceAll('>"$1"', '>>"$1"')}`]) {
    host.lab.host.run('sh', ['-ec', spoil, 'sh', cache, made.split('\n')[0] ?? '']);
    const ran = host.victimCall('reconnect');
    expect(ran).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
    host.expectVictim(true);
    host.expectHealedByReplay();
    host.lab.host.run('rm', ['-rf', cache]);
    host.lab.host.write(cache, made);
  }
});
