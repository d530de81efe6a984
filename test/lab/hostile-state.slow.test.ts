import { afterEach, describe, expect } from 'vitest';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';
import { expectComplaint, garbage, hostileTest } from './hostile-host.ts';

const { test, host } = hostileTest();
afterEach(() => {
  host.reset();
  host.expectAgreement();
  host.expectNeighbour();
});

/** A state folder nothing can be written to, with what was in it, and how to end that. */
const broken: Readonly<Record<string, readonly [begin: string, end: string]>> = {
  'a full one': [
    `mkdir /tmp/small; mount -t tmpfs -o size=64k tmpfs /tmp/small; cp -a /run/guestgate/. /tmp/small; mount --bind /tmp/small /run/guestgate
     dd if=/dev/zero of=/run/guestgate/filler bs=4k 2>/dev/null || true`,
    'umount /run/guestgate /tmp/small; rmdir /tmp/small',
  ],
  'a read-only one': [
    'mount --bind /run/guestgate /run/guestgate; mount -o remount,bind,ro /run/guestgate',
    'umount /run/guestgate',
  ],
};

describe.each(someOf(Object.entries(broken), 1))('the state folder is %s', (_, [begin, end]) => {
  test('nothing new is opened, and that is reported', () => {
    host.lab.host.sh(begin);
    try {
      for (const operation of ['started', 'reconnect'])
        expectComplaint(
          host.victimCall(operation),
          0,
          /"victim" \w+: writing \/run\/guestgate\/.*(ENOSPC|EROFS)/,
        );
      expect(host.victimCall('prepare')).toMatchObject({ status: 0, stderr: '' });
      host.expectVictim(false);
      host.expectNeighbour();
      const replayed = host.lab.guestgate('replay');
      expectComplaint(replayed, 2, /writing \/run\/guestgate\//);
      host.expectNeighbour();
    } finally {
      host.lab.host.sh(end);
    }
    host.setRunning(host.victim, true);
    host.expectHealedByReplay();
    host.expectVictim(true);
  });

  test('what was open is closed all the same', () => {
    host.victimCall('started');
    host.expectVictim(true);
    host.lab.host.sh(begin);
    try {
      for (const operation of ['stopped', 'release']) {
        const ran = host.victimCall(operation);
        expect(ran.status).toBe(0);
        expect(ran.stderr).not.toContain('a bug');
        host.expectVictim(false);
        host.expectNeighbour();
      }
    } finally {
      host.lab.host.sh(end);
    }
    host.expectHealedByReplay();
    host.expectVictim(false);
  });

  test('a guest that must not start without its rules does not', () => {
    host.configure('allow_from = ["198.51.100.0/24"]\non_error = "deny"\n');
    host.lab.host.sh(begin);
    try {
      expectComplaint(host.victimCall('start'), 1, /writing \/run\/guestgate\//);
      expectComplaint(host.victimCall('reconnect'), 0, /writing \/run\/guestgate\//);
    } finally {
      host.lab.host.sh(end);
    }
  });
});

test('a file in place of the state folder is reported, and nothing is opened', () => {
  host.lab.host.sh('mv /run/guestgate /run/aside; echo >/run/guestgate');
  for (const operation of ['started', 'reconnect'])
    expectComplaint(host.victimCall(operation), 0, /keeping records in \/run\/guestgate/);
  host.expectVictim(false);
  host.expectNeighbour();
  expect(host.victimCall('stopped')).toMatchObject({ status: 0 });
  expectComplaint(host.lab.guestgate('replay'), 2, /keeping records in \/run\/guestgate/);
  host.lab.host.sh('rm /run/guestgate; mv /run/aside /run/guestgate');
  host.setRunning(host.victim, true);
  host.expectHealedByReplay();
  host.expectVictim(true);
});

test('a state folder that vanished is created again, and replay restores its content', () => {
  host.victimCall('started');
  host.setRunning(host.victim, true);
  host.lab.host.sh('rm -r /run/guestgate');
  expect(host.victimCall('reconnect').status).toBe(0);
  host.expectVictim(true);
  host.lab.host.sh('rm -r /run/guestgate');
  host.expectHealedByReplay();
  host.expectVictim(true);
});

describe.each(someOf(['nftables', 'iptables-nft', 'iptables-legacy'] as const, 2))(
  'the state folder vanished under rules of %s',
  (used) => {
    test.each(['nftables', 'iptables'])(
      'check says so, and replay with %s leaves nothing of it',
      (wanted) => {
        const [backend, variant] = used.split('-');
        const lab = host.lab;
        if (variant !== undefined)
          lab.host.sh(
            `for s in -restore -save ''; do ln -sf /usr/sbin/iptables-${variant}$s /usr/sbin/iptables$s; done`,
          );
        host.configure(`[host]\nbackend = "${backend}"\n`);
        expect(host.victimCall('started').status).toBe(0);
        host.expectVictim(true);
        lab.host.sh('rm -r /run/guestgate; rm -f /run/libvirt/qemu/*.xml');
        expect(lab.guestgate('check')).toMatchObject({
          status: 1,
          stdout: expect.stringContaining(`unexpected rules of the back end ${used}`),
        });
        host.configure(`[host]\nbackend = "${wanted}"\n`);
        expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
        expect(lab.ruleset()).not.toMatch(/8080|192\.168\.122\.42/);
        host.expectAgreement();
      },
    );
  },
);

const spoilWith = (script: string) => (file: string) => host.lab.host.run('sh', ['-ec', script, 'sh', file]);

/** One of each way in which a file may be damaged: cut, of another shape, of another version, no file at all. */
const kinds = ['half of it', 'an element that is null', 'another format', 'a folder', 'a pipe'];
const one = Object.entries(garbage).filter(([what]) => kinds.includes(what));

describe.each(someOf(Object.entries(garbage), 2))('a record contains %s', (_, script) => {
  const spoil = spoilWith(script);

  test("another guest's events continue, and the guest's next one repairs it", () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    spoil('/run/guestgate/guests/qemu-victim.json');
    const input = host.lab.xml(host.neighbour, 'reconnect');
    const ran = host.call({ object: 'neighbour', operation: 'reconnect', input });
    expect(ran).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
    host.expectNeighbour();
    for (const command of ['status', 'check', 'plan victim'])
      expect(host.lab.guestgate(...command.split(' ')).stderr, command).not.toContain('bug');
    expect(host.victimCall('reconnect')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    host.expectVictim(true);
    host.expectAgreement();
  });

  test('its end closes it', () => {
    host.victimCall('started');
    spoil('/run/guestgate/guests/qemu-victim.json');
    expect(host.victimCall('stopped')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    host.expectVictim(false);
    host.expectAgreement();
  });
});

describe.each(someOf(one, 2))('a record contains %s', (_, script) => {
  const spoil = spoilWith(script);

  test('replay makes it right', () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    spoil('/run/guestgate/guests/qemu-victim.json');
    host.expectHealedByReplay();
    host.expectVictim(true);
    host.setRunning(host.victim, false);
    spoil('/run/guestgate/guests/qemu-victim.json');
    host.expectHealedByReplay();
    host.expectVictim(false);
    expect(host.lab.host.sh('ls /run/guestgate/guests')).toBe('qemu-neighbour.json\n');
  });

  test('in the host state and the claims: the next event and replay make it right', () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    for (const file of ['/run/guestgate/host.json', '$(ls -d /run/guestgate/claims/* | head -1)']) {
      host.lab.host.sh(`set -- ${file}; ${script}`);
      expect(host.victimCall('reconnect')).toMatchObject({
        status: 0,
        stderr: expect.not.stringContaining('error'),
      });
      host.expectVictim(true);
      host.expectHealedByReplay();
    }
  });
});

describe.each(someOf(one, 2))('a request in the queue: %s', (_, script) => {
  test('concerns its own guest alone, is set aside, and told; the guest is planned again', async () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    const request = '/run/guestgate/requests/0000000001-1-0.qemu-victim.request';
    const valid = { format: 1, kind: 'remove', guest: { driver: 'qemu', name: 'victim' }, ended: 'maybe' };
    host.lab.host.write(request, JSON.stringify({ ...valid, elements: [{ a: 1 }] }));
    host.lab.host.run('sh', ['-ec', script, 'sh', request]);
    const input = host.lab.xml(host.neighbour, 'reconnect');
    const ran = host.call({ object: 'neighbour', operation: 'reconnect', input });
    expect(ran).toMatchObject({ status: 0, stderr: expect.not.stringContaining('a bug') });
    host.expectNeighbour();
    await until('the queue is empty', () => host.lab.host.sh('ls /run/guestgate/requests').trim() === '');
    host.expectVictim(true);
    expect(host.lab.host.sh('ls /run/guestgate/unreadable')).toContain('qemu-victim.request');
    host.expectAgreement();
    expect(host.victimCall('stopped')).toMatchObject({ status: 0 });
    host.expectVictim(false);
    host.lab.host.sh('rm -r /run/guestgate/unreadable');
  });
});

const needed = '/run/guestgate/needed.json';
const whole = one.filter(([what]) => !what.startsWith('an element'));
describe.each(someOf(whole, 2))('the journal contains %s', (_, script) => {
  test('the next event makes all rules again', () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    host.lab.host.sh('nft flush map ip guestgate forward_any');
    host.lab.host.run('sh', ['-ec', script, 'sh', '/run/guestgate/journal.json']);
    expect(host.victimCall('reconnect')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    host.expectVictim(true);
    host.expectNeighbour();
    host.expectAgreement();
  });
});

describe.each(someOf(whole, 2))('%s in the file of needed tables', (_, script) => {
  test('the next event sets it aside, and the records say it', () => {
    host.victimCall('started');
    host.setRunning(host.victim, true);
    host.lab.host.write(needed, JSON.stringify({ format: 1, ip6: true }));
    host.lab.host.run('sh', ['-ec', script, 'sh', needed]);
    expect(host.victimCall('reconnect')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    expect(JSON.parse(host.lab.host.read(needed))).toEqual({ format: 1 });
    expect(host.lab.host.sh('ls /run/guestgate/unreadable')).toContain('needed.json');
    host.expectVictim(true);
    host.expectAgreement();
    host.lab.host.sh('rm -r /run/guestgate/unreadable');
  });
});

test('what an earlier version wrote down of IPv6 counts', () => {
  host.lab.host.sh(`rm -f ${needed}; : >/run/guestgate/ip6`);
  expect(host.call({ hook: 'daemon', object: '-', operation: 'start' })).toMatchObject({ status: 0 });
  expect(host.lab.host.sh('nft list tables')).toContain('table ip6 guestgate');
  host.lab.host.sh('rm /run/guestgate/ip6');
});

describe.each(someOf(whole, 2))('%s in the file of the chosen back end', (_, script) => {
  test('the host is asked again', () => {
    const file = '/run/guestgate/backend.json';
    host.lab.host.write(file, JSON.stringify({ format: 1, backend: 'nftables' }));
    host.lab.host.run('sh', ['-ec', script, 'sh', file]);
    expect(host.victimCall('started')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    expect(JSON.parse(host.lab.host.read(file))).toEqual({ format: 1, backend: 'nftables' });
    expect(host.lab.host.sh('ls /run/guestgate/unreadable')).toContain('backend.json');
    host.expectVictim(true);
    host.lab.host.sh('rm -r /run/guestgate/unreadable');
  });
});

test('answers to hooks that were killed are removed', () => {
  host.lab.host.write('/run/guestgate/requests/0000000001-999999-0.qemu-victim.answer', '{}');
  host.victimCall('started');
  expect(host.lab.host.sh('ls /run/guestgate/requests')).toBe('');
});

test('a record with a long name that cannot be read is dropped when its guest is gone', () => {
  const object = ';'.repeat(200);
  const long = { ...host.victim, name: object };
  host.configure(`[guest."${object}"]\naddress = "${long.address}"\nforward = ["8081:80"]\n`);
  host.call({ object, operation: 'started', input: host.lab.xml(long, 'started') });
  host.lab.host.sh('for f in /run/guestgate/guests/*~*.json; do : >$f; done');
  host.expectHealedByReplay();
  expect(host.lab.host.sh('ls /run/guestgate/guests')).toBe('qemu-neighbour.json\n');
});

test('the kernel lost our table, or another program changed it: the next event repairs it', () => {
  host.victimCall('started');
  host.setRunning(host.victim, true);
  for (const script of [
    'nft delete table ip guestgate',
    'nft flush ruleset',
    'nft delete element ip guestgate forward_any { tcp . 8080 }',
    'nft flush map ip guestgate forward_any',
    'nft delete element ip guestgate forward_any { tcp . 8080 }; nft add element ip guestgate forward_any { tcp . 8080 : 192.168.122.99 . 1 }',
  ]) {
    host.lab.host.sh(script);
    expect(host.victimCall('stopped')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    expect(host.victimCall('started')).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('error'),
    });
    host.expectVictim(true);
    host.expectHealedByReplay();
  }
});
