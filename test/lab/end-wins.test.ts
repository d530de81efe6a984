import { beforeEach, describe, expect } from 'vitest';
import { whileDelayed } from '../support/delayed.ts';
import { type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { isThorough } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/* When a guest is gone, nothing of it is left: whoever else is at work, whatever the clock says, and though nft fails. */

const { test, lab, web, mail } = labTest({ guests: ['web', 'mail'], silent: ['mail'] });
beforeEach(() => {
  lab.host.sh(
    'rm -f /usr/local/sbin/nft; nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu /etc/guestgate /var/lib/libvirt/dnsmasq',
  );
});

const agreement = 'Configuration, running guests and kernel agree.\n';
/** The ports of the forwards, also while `nft` is broken for everyone else. */
const forwards = () => {
  const ruleset = lab.host.sh('/usr/sbin/nft -s list ruleset');
  return [...ruleset.matchAll(/tcp \. (\d+)/g)].map(([, port]) => Number(port));
};
const policyOf = (guest: LabGuest, port: number) =>
  `[guest.${guest.name}]\naddress = "${guest.address}"\nforward = ["${port}:80"]\n`;

test('30 guests stop in libvirt’s order while apply runs: none of them stays open', async () => {
  const guests = Array.from({ length: 30 }, (_, index) => ({
    ...web,
    name: `g${index}`,
    address: `192.168.122.${100 + index}`,
    mac: `52:54:00:aa:bd:${String(index).padStart(2, '0')}`,
    tap: `vnet2${index}`,
    uuid: `11111111-2222-3333-4444-00000000020${index}`,
  }));
  const configure = (shift: number) =>
    lab.configure(guests.map((guest, index) => policyOf(guest, 22_000 + 10 * index + shift)).join(''));
  lab.host.sh('mkdir -p /tmp/xml /run/libvirt/qemu');
  for (const guest of guests) {
    lab.host.write(`/tmp/xml/${guest.name}`, lab.xml(guest, 'started'));
    lab.host.write(`/tmp/xml/${guest.name}.status`, lab.status(guest));
  }
  const names = guests.map(({ name }) => name).join(' ');
  const call = (operation: string, suffix: string) =>
    `/etc/libvirt/hooks/qemu $g ${operation} ${suffix} - </tmp/xml/$g`;
  const run = (then: string) =>
    `for g in ${names}; do (cp /tmp/xml/$g.status /run/libvirt/qemu/$g.xml; ${then}) & done; wait`;
  // How they are opened is not what is raced with: after the first round by one command for all.
  const start = (round: number) =>
    round === 0 ? run(call('started', 'begin')) : `${run('true')}; guestgate replay`;
  const stop = `guestgate apply >/dev/null 2>&1 & ${''}
    for g in ${names}; do (${call('stopped', 'end')}; ${call('release', 'end')}; rm -f /run/libvirt/qemu/$g.xml) & done; wait`;
  const rounds = isThorough ? 20 : 4;
  for (let round = 0; round < rounds; round++) {
    configure(0);
    await lab.host.runAside('sh', ['-c', `${start(round)} 2>/dev/null`]);
    expect({ round, open: forwards().length }).toEqual({ round, open: guests.length });
    configure(1);
    await lab.host.runAside('sh', ['-c', `${stop} 2>/dev/null`]);
    expect({ round, open: forwards() }).toEqual({ round, open: [] });
  }
  expect(lab.guestgate('check').stdout).toBe(agreement);
});

describe('the process that follows leases', () => {
  const lease = (guest: LabGuest, address: string) =>
    lab.host.write(
      '/var/lib/libvirt/dnsmasq/virbr0.status',
      `[{"ip-address": "${address}", "mac-address": "${guest.mac}", "expiry-time": 9999999999}]`,
    );
  /** Ends when it has applied what it had planned. */
  const follow = (meanwhile: () => unknown) =>
    whileDelayed(lab, ['/usr/bin/guestgate', 'follow-leases'], async () => {
      await meanwhile();
      await lab.host.runAside('sh', [
        '-c',
        'while fuser -s /run/guestgate/lock; do sleep 0.02; done; fuser -k /run/guestgate/follower >/dev/null 2>&1 || true',
      ]);
    });
  beforeEach(() => {
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    lease(web, web.address);
    // The hook starts none of its own, which would do it undelayed.
    lab.host.sh('mkdir -p /run/guestgate');
    const held = lab.host.start('flock', ['/run/guestgate/follower', 'sleep', '1000']);
    lab.host.sh('until ! flock -n /run/guestgate/follower true; do sleep 0.02; done');
    lab.hook(web, 'started');
    expect(forwards()).toEqual([8080]);
    lab.host.sh('fuser -k /run/guestgate/follower >/dev/null 2>&1 || true');
    held.kill();
  });

  test('a lease changes, the guest stops before that is applied: its forward does not come back', async () => {
    lease(web, '192.168.122.77');
    await follow(() => lab.hookAside(web, 'stopped'));
    expect(forwards()).toEqual([]);
    await lab.hookAside(web, 'release');
    expect(lab.guestgate('check').stdout).toBe(agreement);
  });

  test('a lease changes, the guest starts again with another one: the last one counts', async () => {
    lease(web, '192.168.122.77');
    await follow(async () => {
      for (const operation of ['stopped', 'release']) await lab.hookAside(web, operation);
      lease(web, '192.168.122.78');
      for (const operation of ['prepare', 'start', 'started']) await lab.hookAside(web, operation);
    });
    expect(lab.ruleset()).toContain('192.168.122.78 . 80');
    expect(lab.ruleset()).not.toContain('192.168.122.77 . 80');
    lab.end(web);
  });
});

test('full replay does not reopen a guest between `stopped` and `release`', () => {
  lab.configure(policyOf(web, 8080));
  lab.hook(web, 'started');
  lab.hook(web, 'stopped');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(forwards()).toEqual([]);
  expect(lab.guestgate('check').stdout).toBe(agreement);
  lab.hook(web, 'release');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(forwards()).toEqual([]);
});

test('a guest starts while libvirtd’s start removes it as gone: it stays open', async () => {
  lab.configure(policyOf(web, 8080));
  lab.hook(web, 'started');
  lab.host.sh('rm /run/libvirt/qemu/web.xml');
  await whileDelayed(lab, ['/etc/libvirt/hooks/daemon', '-', 'start', '-', 'start'], () =>
    lab.hookAside(web, 'started'),
  );
  expect(forwards()).toEqual([8080]);
  lab.end(web);
});

test('what waits for the lock is done in the order of its coming, though the clock steps back an hour', async () => {
  lab.configure(policyOf(web, 8080));
  lab.host.sh('mkdir -p /run/guestgate');
  const held = lab.host.start('flock', ['/run/guestgate/lock', 'sleep', '1000']);
  const retry = lab.host.start('flock', ['/run/guestgate/retry', 'sleep', '1000']);
  lab.host.sh(
    'for f in lock retry; do for i in $(seq 100); do flock -n /run/guestgate/$f true || break; sleep 0.05; done; done',
  );
  const late = ['-f', '-60m'];
  await lab.hookAside(web, 'started');
  await lab.host.runAside('faketime', [...late, '/etc/libvirt/hooks/qemu', 'web', 'stopped', 'end', '-'], {
    input: lab.xml(web, 'stopped'),
    mayFail: true,
  });
  lab.host.sh(
    'rm -f /run/libvirt/qemu/web.xml; fuser -k /run/guestgate/lock /run/guestgate/retry >/dev/null 2>&1 || true',
  );
  held.kill();
  retry.kill();
  expect(lab.host.sh('ls /run/guestgate/requests').split('\n').filter(Boolean)).toHaveLength(2);
  lab.networkHook('updated');
  expect(forwards()).toEqual([]);
  expect(lab.host.sh('ls /run/guestgate/requests')).toBe('');
});

describe('nft fails while a guest ends', () => {
  const breakNft = () =>
    lab.host.sh('printf "#!/bin/sh\\nexit 1\\n" >/usr/local/sbin/nft; chmod +x /usr/local/sbin/nft');
  const mendNft = () => lab.host.sh('rm /usr/local/sbin/nft');
  beforeEach(() => {
    lab.configure(policyOf(web, 8080) + policyOf(mail, 2525));
    lab.hook(web, 'started');
    breakNft();
    for (const operation of ['stopped', 'release'])
      expect(lab.hook(web, operation).stderr).toContain('removing rules of guest "web"');
  });

  test('its rules are removed as soon as nft works again, without any event', async () => {
    expect(forwards()).toEqual([8080]);
    mendNft();
    await until('its rules are removed', () => forwards().length === 0);
    expect(lab.guestgate('check').stdout).toBe(agreement);
  });

  test.each([
    ['the start of another guest', () => lab.hook(mail, 'started'), [2525]],
    ['a reload of libvirtd', () => lab.daemonHook('reload'), []],
    ['a network', () => lab.networkHook('updated'), []],
  ])('%s removes them, too', (_, event, left) => {
    lab.host.sh('fuser -k /run/guestgate/retry >/dev/null 2>&1 || true');
    mendNft();
    event();
    expect(forwards()).toEqual(left);
    expect(lab.host.sh('ls /run/guestgate/guests')).not.toContain('web');
  });
});

test('no client reaches a guest that has ended, nor the guest that gets its address', () => {
  lab.configure(policyOf(web, 8080));
  lab.hook(web, 'started');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  lab.end(web);
  lab.guestgate('apply');
  lab.guestgate('replay', 'web');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
});
