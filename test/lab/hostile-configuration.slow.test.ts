import { afterEach, describe, expect } from 'vitest';
import { givesByAcl } from '../support/posix-acl.ts';
import { someOf } from '../support/thoroughness.ts';
import { expectComplaint, hostileTest } from './hostile-host.ts';

const main = '/etc/guestgate/guestgate.toml';
const folder = '/etc/guestgate/guests.d';

const { test, host } = hostileTest();
afterEach(() => {
  host.lab.host.sh('rm -rf /etc/guestgate');
  host.reset();
  host.expectAgreement();
  host.expectNeighbour();
});

/** What can be wrong with the main file, as a shell script, and what must be said of it. */
const broken: Readonly<Record<string, readonly [script: string, said: RegExp]>> = {
  'belongs to somebody else': [`chown 1000 ${main}`, /guestgate\.toml: belongs to user 1000, not to root/],
  'can be written by a group': [
    `chgrp 1000 ${main}; chmod g+w ${main}`,
    /guestgate\.toml: can be written by group 1000/,
  ],
  'can be written by a user of its ACL': [
    givesByAcl(main),
    /guestgate\.toml: can be written by group 0 or the users and groups of its ACL.*chmod go-w/,
  ],
  'is a link into a folder that others can write': [
    `mkdir -p /srv/open; chmod 777 /srv/open; mv ${main} /srv/open/; ln -s /srv/open/guestgate.toml ${main}`,
    /guestgate\.toml: is not read: \/srv\/open, on the way to it, can be written by all users.*chmod go-w/,
  ],
  'can be written by all users': [`chmod 666 ${main}`, /guestgate\.toml: can be written by all users.*chmod/],
  "is in somebody else's folder": ['chown 1000 /etc/guestgate', /belongs to user 1000/],
  'is in a folder that all users can write': ['chmod 777 /etc/guestgate', /can be written by all users/],
  'is half written': [`printf '[guest.victim]\\nforward = ["80' >${main}`, /guestgate\.toml:2: invalid TOML/],
  'is binary': [`head -c 100000 /dev/urandom >${main}`, /guestgate\.toml:\d+: invalid TOML/],
  'is all NUL bytes, as after a power failure': [
    `head -c 500 /dev/zero >${main}`,
    /guestgate\.toml:1: invalid TOML/,
  ],
  'is a folder': [`rm ${main}; mkdir ${main}`, /guestgate\.toml: cannot be read: .*not a regular file/],
  'is a pipe': [`rm ${main}; mkfifo ${main}`, /guestgate\.toml: cannot be read: .*not a regular file/],
  'is a device': [`rm ${main}; mknod ${main} c 1 5`, /guestgate\.toml: cannot be read: .*not a regular file/],
  'is a link to itself': [`ln -sf guestgate.toml ${main}`, /guestgate\.toml: cannot be read: .*ELOOP/],
  "is a link to somebody else's file": [
    `echo >/tmp/other; chown 1000 /tmp/other; ln -sf /tmp/other ${main}`,
    /guestgate\.toml: belongs to user 1000/,
  ],
  'is a link to nowhere': [`ln -sf /nowhere ${main}`, /guestgate\.toml: is a link to a missing file/],
  'is 100 MB long': [
    `head -c 100000000 /dev/zero | tr '\\0' '#' >${main}`,
    /guestgate\.toml: cannot be read: .*longer than/,
  ],
  'is 20 MB of tables': [
    `yes '[[a]]' | head -c 20000000 >${main}`,
    /guestgate\.toml: cannot be read: .*longer than/,
  ],
  'nests 100,000 lists': [
    `(printf 'a = '; head -c 100000 /dev/zero | tr '\\0' '[') >${main}`,
    /guestgate\.toml:1: invalid TOML/,
  ],
  'has a wrong [host]': [
    `printf '[host]\\nintreface = "eth0"\\n' >>${main}`,
    /guestgate\.toml:8: unknown key "intreface" \(did you mean "interface"\?\)/,
  ],
};

describe.each(someOf(Object.entries(broken), 3))('a configuration that %s', (_, [script, said]) => {
  test('is reported at each event, opens nothing new, and leaves what is open', () => {
    host.lab.host.sh(script);
    for (const operation of ['prepare', 'start', 'started', 'reconnect'])
      expectComplaint(host.victimCall(operation), 0, said);
    host.expectVictim(false);
    const input = host.lab.xml(host.neighbour, 'reconnect');
    expectComplaint(host.call({ object: 'neighbour', operation: 'reconnect', input }), 0, said);
    host.expectNeighbour();
    expect(host.lab.guestgate('replay')).toMatchObject({ status: 1, stderr: expect.stringMatching(said) });
    host.expectNeighbour();
    expect(host.lab.guestgate('check')).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(said),
      stderr: '',
    });
    expect(host.call({ object: 'neighbour', operation: 'stopped' })).toMatchObject({ status: 0 });
    host.setRunning(host.neighbour, true);
    host.lab.host.sh('rm -rf /etc/guestgate');
    host.configure();
    host.expectHealedByReplay();
  });
});

test('a broken file of one guest does not hurt those that other files name', () => {
  host.lab.host.write(`${folder}/other.toml`, '[guest.other\n');
  host.lab.host.write(`${folder}/link.toml`, '');
  host.lab.host.sh(
    `ln -sf /nowhere ${folder}/link.toml; mkfifo ${folder}/pipe.toml; mkdir ${folder}/folder.toml`,
  );
  expect(host.victimCall('started')).toMatchObject({
    status: 0,
    stderr: expect.not.stringContaining('error'),
  });
  host.expectVictim(true);
  const input = host.lab.xml({ ...host.victim, name: 'other' }, 'started');
  expectComplaint(
    host.call({ object: 'other', operation: 'started', input }),
    0,
    /other\.toml:1: invalid TOML/,
  );
  host.victimCall('stopped');
});

test('a folder guests.d that is a file, or that other users can write, is reported', () => {
  host.lab.host.write(folder, '[guest.other]\n');
  expect(host.victimCall('started')).toMatchObject({ status: 0 });
  host.expectVictim(true);
  host.lab.host.sh(
    `rm ${folder}; mkdir ${folder}; echo '[guest.other]' >${folder}/other.toml; chmod 777 ${folder}`,
  );
  const input = host.lab.xml({ ...host.victim, name: 'other' }, 'started');
  expectComplaint(
    host.call({ object: 'other', operation: 'started', input }),
    0,
    /other\.toml: can be written by all users/,
  );
  host.victimCall('stopped');
});

test('the wrong policy of a guest refuses its start only where it says deny', () => {
  for (const [onError, status] of [
    ['start', 0],
    ['deny', 1],
  ] as const) {
    host.configure(`on_error = "${onError}"\nsnat = "300.1.1.1"\nforwrad = ["1:2:3:4"]\n`);
    const said =
      /guestgate\.toml:9: unknown key "forwrad" \(did you mean "forward"\?\).*guestgate\.toml:8: .*invalid address "300\.1\.1\.1"/;
    for (const operation of ['prepare', 'start']) expectComplaint(host.victimCall(operation), status, said);
    for (const operation of ['started', 'reconnect', 'attach'])
      expectComplaint(host.victimCall(operation), 0, said);
    for (const operation of ['stopped', 'release'])
      expect(host.victimCall(operation)).toMatchObject({ status: 0, stderr: '' });
  }
});

test('tables called like parts of every object are names like others', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
    const object = { ...host.victim, name };
    host.configure(`[guest.${name}]\naddress = "${object.address}"\nforward = ["8080:80"]\n`);
    expect(
      host.call({ object: name, operation: 'started', input: host.lab.xml(object, 'started') }).status,
    ).toBe(0);
    host.expectVictim(true);
    expect(host.call({ object: name, operation: 'stopped' }).status).toBe(0);
    host.expectVictim(false);
    host.configure(`${name} = 1\n[host]\n${name} = 1\n[${name}]\n[guest.x.${name}]\n`);
    const checked = host.lab.guestgate('check');
    expect(checked).toMatchObject({ status: 2, stderr: '' });
    const lines = checked.stdout.matchAll(new RegExp(`:(\\d+): unknown key "${name}"`, 'g'));
    expect(new Set([...lines].map(([, line]) => line)).size).toBe(4);
  }
});

test('a policy in the wrong form is reported with its line, and is not a bug', () => {
  const wrong = [
    'guest = 1',
    'guest = []',
    'guest = 1979-05-27',
    '[[guest]]',
    '[guest]\nvictim = 1',
    '[guest]\nvictim = 1979-05-27',
    '[[guest.victim]]',
    'host = 1',
    '[[host]]',
    'host = 1979-05-27',
    '[host]\nmark = 3',
    '[host]\nmark = 1e400',
    '[host]\nmark = 99999999999999999999',
    '[host]\nmark = nan',
    '[host]\naddress = "::1"',
    '[host]\nreserved = [{}]',
    '[guest.victim]\nforward = [80]',
    '[guest.victim]\nforward = [[]]',
    '[guest.victim]\nforward = [{}]',
    '[guest.victim]\nforward = { port = 80 }',
    '[guest.victim]\nforward = [{ port = 1.5 }]',
    '[guest.victim]\nallow_from = [1]',
    '[guest.victim]\naddress = "192.168.122.42\\nx"',
    '[guest.victim]\nforward = ["80\\u001b[31m"]',
  ];
  for (const text of wrong) {
    host.lab.configure(`${text}\n`);
    const checked = host.lab.guestgate('check');
    expect(checked, text).toMatchObject({ status: 2, stderr: '' });
    expect(checked.stdout, text).toMatch(/^\/etc\/guestgate\/guestgate\.toml:\d+: /);
    const ran = host.victimCall('reconnect');
    expect(ran.status, text).toBe(0);
    expect(ran.stderr, text).not.toContain('a bug');
  }
});
