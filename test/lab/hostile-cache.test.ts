import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { garbage, HostileHost } from './hostile-host.ts';

/* Policies that have been read are kept, once the configuration is some seconds old: it stays the same all the time. */

const cache = '/run/guestgate/policies';

let host: HostileHost;
let made: string;
beforeAll(async () => {
  host = await HostileHost.create();
  host.lab.host.sh('sleep 2.1');
  host.victimCall('started');
  host.setRunning(host.victim, true);
  made = host.lab.host.read(cache);
});
afterEach(() => {
  host.expectAgreement();
  host.expectNeighbour();
});
afterAll(() => host.lab.destroy());

test.each(Object.entries(garbage))('the policy cache contains %s: it is rebuilt', (_, script) => {
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
