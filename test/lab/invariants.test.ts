import { beforeEach, describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';
import type { Ran, RunOptions } from '../support/ran.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * The invariants that every event keeps, by their numbers. The others have files of their own: 6 killed anywhere:
 * crash; 7 others' rules: foreign-rules, install; 8 two guests, one port: conflicts; 9 names: hostile-*;
 * 10 bounded: bounded.
 */

const { test, lab, web, other } = labTest({ guests: ['web', 'other'], forwarding: 'DROP' });
beforeEach(() => {
  lab.host.sh('nft delete table ip guestgate 2>/dev/null || true; rm -rf /run/guestgate /run/libvirt/qemu');
  configure();
});

function configure(more = '', web80 = '8080:80'): void {
  lab.configure(`[guest.web]
address = "${web.address}"
forward = ["${web80}"]
${more}
[guest.other]
address = "${other.address}"
forward = ["9090:80"]
`);
}

type Event = (options?: RunOptions) => Ran;
const guestEvent =
  (operation: string): Event =>
  (options) =>
    lab.hook(web, operation, options);
const guestEvents = Object.fromEntries(
  [
    'prepare',
    'start',
    'started',
    'reconnect',
    'attach',
    'stopped',
    'release',
    'migrate',
    'restore',
    'new',
  ].map((operation) => [operation, guestEvent(operation)]),
);
const otherEvents: Record<string, Event> = {
  'network start': (options) => lab.networkHook('start', networkHookXml(), options),
  'network started': (options) => lab.networkHook('started', networkHookXml(), options),
  'network updated': (options) => lab.networkHook('updated', networkHookXml(), options),
  'network port-created': (options) =>
    lab.networkHook('port-created', networkHookXml({ guest: web, mac: '52:54:00:aa:bb:77' }), options),
  'network port-deleted': (options) =>
    lab.networkHook('port-deleted', networkHookXml({ guest: web, mac: '52:54:00:aa:bb:77' }), options),
  'network stopped': (options) => lab.networkHook('stopped', networkHookXml(), options),
  'daemon start': (options) => lab.daemonHook('start', options),
  'daemon reload': (options) => lab.daemonHook('reload', options),
  'daemon shutdown': (options) => lab.daemonHook('shutdown', options),
};
const events: Record<string, Event> = { ...guestEvents, ...otherEvents };
const harmless = Object.entries(events).filter(([name]) => !['prepare', 'start', 'started'].includes(name));

/** Ways in which everything goes wrong, and how each is put right. */
const troubles = {
  'broken XML': { options: { input: '<domain><name>web</na' } },
  'no XML at all': { options: { input: '' } },
  'XML of something else': { options: { input: '<volume/>' } },
  'a broken configuration': { break: () => lab.configure('[guest.web\nforward = ') },
  'a configuration that anybody can write': { break: () => lab.host.sh('chmod 666 /etc/guestgate/*.toml') },
  'no nft': {
    break: () => lab.host.sh('mv /usr/sbin/nft /usr/sbin/nft.away'),
    repair: () => lab.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft'),
  },
  'an nft that fails': {
    break: () =>
      lab.host.sh(
        "printf '#!/bin/sh\\necho no >&2; exit 1\\n' >/usr/local/sbin/nft; chmod +x /usr/local/sbin/nft",
      ),
    repair: () => lab.host.sh('rm /usr/local/sbin/nft'),
  },
  'no flock': {
    break: () => lab.host.sh('mv /usr/bin/flock /usr/bin/flock.away'),
    repair: () => lab.host.sh('mv /usr/bin/flock.away /usr/bin/flock'),
  },
  'no place for records': {
    break: () => lab.host.sh('rm -rf /run/guestgate; touch /run/guestgate'),
    repair: () => lab.host.sh('rm /run/guestgate'),
  },
  'garbage for records': {
    break: () =>
      lab.host.sh('cd /run/guestgate; for f in host.json guests/* claims/*; do echo "{" >$f; done'),
  },
  'records of another shape': {
    break: () =>
      lab.host.sh('cd /run/guestgate; for f in host.json guests/* claims/*; do echo "[1]" >$f; done'),
  },
} satisfies Record<string, { options?: RunOptions; break?: () => unknown; repair?: () => unknown }>;
const names = Object.keys(troubles) as (keyof typeof troubles)[];

function during<T>(name: keyof typeof troubles, action: (options: RunOptions) => T): T {
  const trouble: { options?: RunOptions; break?: () => unknown; repair?: () => unknown } = troubles[name];
  trouble.break?.();
  try {
    return action(trouble.options ?? {});
  } finally {
    trouble.repair?.();
  }
}

test.each(Object.entries(events))('1: %s prints nothing on stdout', (_, event) => {
  lab.hook(web, 'started');
  expect(event().stdout).toBe('');
});

describe.each(someOf(names, 3))('with %s', (trouble) => {
  test('1, 2: what must not fail does not, though the policy says deny, and prints nothing on stdout', () => {
    configure('on_error = "deny"');
    lab.hook(web, 'started');
    during(trouble, (options) => {
      for (const [name, event] of harmless) {
        expect({ name, ...event(options) }).toMatchObject({ name, status: 0, stdout: '' });
      }
    });
  });

  test('2: a start continues if the policy does not say deny', () => {
    lab.hook(web, 'started');
    during(trouble, (options) => {
      for (const operation of ['prepare', 'start', 'started', 'stopped']) {
        const ran = lab.hook(web, operation, options);
        expect({ operation, ...ran }).toMatchObject({ operation, status: 0, stdout: '' });
      }
    });
  });

  test('6: when it is over, replay makes all right', () => {
    lab.hook(web, 'started');
    lab.hook(other, 'started');
    during(trouble, (options) => lab.hook(web, 'reconnect', options));
    configure();
    lab.host.sh('chmod 644 /etc/guestgate/*.toml');
    expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
    expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
  });
});

describe('2: with on_error = "deny"', () => {
  test.each([
    ['prepare', 'a policy that cannot be met', 'forward = ["99999:1"]'],
    ['start', 'a policy that cannot be met', 'forward = ["99999:1"]'],
    ['prepare', 'an address outside the network', 'address = "10.9.9.9"\nforward = ["80"]'],
  ])('%s refuses a guest with %s', (operation, _, policy) => {
    lab.configure(`[guest.web]\n${policy}\non_error = "deny"\n`);
    expect(lab.hook(web, operation)).toMatchObject({ status: 1, stdout: '' });
    lab.configure(`[guest.web]\n${policy}\n`);
    expect(lab.hook(web, operation)).toMatchObject({ status: 0, stdout: '' });
  });

  test('the refusal says what is wrong, where it is and how to fix it', () => {
    lab.configure('[guest.web]\naddress = "192.168.122.41"\non_error = "deny"\nforwards = ["80"]\n');
    const { stderr } = lab.hook(web, 'prepare');
    expect(stderr).toContain('/etc/guestgate/guestgate.toml:4: unknown key "forwards"');
    expect(stderr).toContain('did you mean "forward"?');
  });
});

test('3: no event asks libvirt anything', () => {
  lab.host.sh(`
    for program in virsh virt-admin qemu-img; do
      printf '#!/bin/sh\\ntouch /tmp/asked\\n' >/usr/local/sbin/$program; chmod +x /usr/local/sbin/$program
    done`);
  for (const socket of ['libvirt-sock', 'libvirt-sock-ro', 'virtqemud-sock', 'virtnetworkd-sock']) {
    lab.host.start('socat', [`UNIX-LISTEN:/run/libvirt/${socket},fork`, 'SYSTEM:touch /tmp/asked']);
  }
  lab.host.sh(
    'for i in $(seq 2000); do [ $(ls /run/libvirt/*-sock* | wc -l) = 4 ] && exit; sleep 0.05; done; exit 1',
  );
  lab.hook(web, 'started');
  for (const event of Object.values(events)) event();
  lab.hook(web, 'started');
  for (const command of ['replay', 'check', 'status']) lab.guestgate(command);
  lab.guestgate('plan', 'web');
  lab.host.sh('test ! -e /tmp/asked');
  lab.host.sh('virsh; test -e /tmp/asked; rm /tmp/asked /usr/local/sbin/virsh');
  lab.host.sh(
    'echo | socat - UNIX:/run/libvirt/libvirt-sock; until [ -e /tmp/asked ]; do sleep 0.02; done; rm /run/libvirt/*-sock*',
  );
});

describe('4: a stop removes what the start added', () => {
  const removed = (change: () => unknown, options: RunOptions = {}) => {
    lab.hook(other, 'started');
    const before = lab.ruleset();
    lab.hook(web, 'started');
    expect(lab.ruleset()).not.toBe(before);
    change();
    expect(lab.hook(web, 'stopped', options)).toMatchObject({ status: 0, stdout: '' });
    expect(lab.ruleset()).toBe(before);
  };

  test.each(
    someOf(
      [
        ['the forward is another by now', () => configure('', '8181:80')],
        ['the guest has no policy any more', () => lab.configure(`[guest.other]\nforward = ["9090:80"]\n`)],
        ['the configuration is broken', () => lab.configure('[guest.web')],
        ['there is no configuration', () => lab.host.sh('rm /etc/guestgate/guestgate.toml')],
        ['the network is gone', () => lab.host.sh('mv /run/libvirt/network/default.xml /tmp/default.xml')],
      ] as const,
      3,
    ),
  )('though %s', (_, change) => {
    removed(change);
    lab.host.sh('[ ! -e /tmp/default.xml ] || mv /tmp/default.xml /run/libvirt/network/default.xml');
  });

  test.each(
    someOf(
      [
        ['has no interfaces any more', '<domain><name>web</name><devices/></domain>'],
        ['is broken', '<domain'],
        ['is missing', ''],
      ] as const,
      2,
    ),
  )('though the XML %s', (_, input) => removed(() => undefined, { input }));

  test('though another version wrote the record', () => {
    removed(() => {
      const [path = ''] = lab.host.sh('ls /run/guestgate/guests/*web*').split('\n');
      const record = JSON.parse(lab.host.read(path)) as Record<string, unknown>;
      lab.host.write(path, JSON.stringify({ version: 7, colour: 'green', ...record }));
    });
  });
});

describe('5: the last event decides', () => {
  const open = () => ({
    state: lab.ruleset(),
    web: lab.fetch('client', publicAddress, 8080).includes('hello from guest1'),
  });

  test.each(
    someOf(
      [
        [['started', 'started']],
        [['started', 'reconnect', 'reconnect', 'attach']],
        [['prepare', 'start', 'started', 'release', 'stopped', 'started']],
        [['started', 'stopped', 'started']],
        [['stopped', 'release', 'started', 'prepare', 'migrate', 'restore']],
        [['started', 'started', 'stopped', 'started', 'network updated', 'network started', 'daemon reload']],
      ] as const,
      3,
    ),
  )('open after %j', (order) => {
    lab.hook(other, 'started');
    lab.hook(web, 'started');
    const once = open();
    lab.hook(web, 'stopped');
    for (const name of order) expect(events[name]?.().status).toBe(0);
    expect(open()).toEqual({ ...once, web: true });
  });

  test.each(
    someOf(
      [
        [['started', 'stopped', 'stopped']],
        [['started', 'release', 'stopped']],
        [['started', 'started', 'stopped', 'release', 'release', 'network started']],
        [['started', 'stopped', 'prepare']],
        [['prepare', 'start', 'stopped', 'release']],
      ] as const,
      3,
    ),
  )('closed after %j', (order) => {
    lab.hook(other, 'started');
    const never = open();
    for (const name of order) expect(events[name]?.().status).toBe(0);
    expect(open()).toEqual({ ...never, web: false });
  });
});

describe('8: what is wrong with one guest is no matter to another', () => {
  test.each(
    someOf(
      [
        ['a bad forward', 'forward = ["no ports"]'],
        ['an unknown key', 'colour = "green"'],
        ['an impossible address', 'address = "10.0.0.1"\nforward = ["8080:80"]'],
      ] as const,
      2,
    ),
  )('%s', (_, policy) => {
    lab.configure(
      `[guest.web]\n${policy}\n[guest.other]\naddress = "${other.address}"\nforward = ["9090:80"]\n`,
    );
    const started = lab.hook(web, 'started');
    expect(started).toMatchObject({ status: 0, stdout: '' });
    expect(started.stderr).toMatch(/^guestgate: error: qemu guest "web" started: /);
    expect(lab.hook(other, 'started').stderr).toMatch(
      /^guestgate: qemu guest "other" started: 1 forward to /,
    );
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
    expect(lab.guestgate('status').stdout).toMatch(/^web +.*\n?.*!/m);
    lab.guestgate('replay');
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
  });

  test('a status file that cannot be read, and a record that is garbage', () => {
    lab.hook(web, 'started');
    lab.hook(other, 'started');
    lab.host.sh(
      'echo "<domstatus" >/run/libvirt/qemu/web.xml; echo "{" >/run/guestgate/guests/qemu-web.json',
    );
    lab.host.sh('nft delete table ip guestgate');
    expect(lab.guestgate('replay')).toMatchObject({ status: 1 });
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
    expect(lab.hook(other, 'stopped').status).toBe(0);
    expect(lab.hook(other, 'started').status).toBe(0);
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
  });
});
