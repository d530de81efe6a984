import { Ajv } from 'ajv';
import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

const { test, lab, web, other } = labTest({ guests: ['web', 'other'] });

test.beforeAll(({ lab: own }) => {
  own.configure(`[guest.web]
address = "${web.address}"
forward = ["8080:80", "5000-5010/udp"]
[guest.other]
address = "${other.address}"
forward = ["9090:80"]
`);
  for (const guest of [web, other]) own.hook(guest, 'started');
  own.fetch('client', publicAddress, 8080);
});

const status = (...args: string[]) => JSON.parse(lab.guestgate('status', '--json', ...args).stdout);

test('a guest has its state, its address and where that is from, its last event, and its connections', () => {
  const [, shown] = status().guests;
  expect(shown).toMatchObject({
    guest: { name: 'web' },
    state: 'running',
    address: web.address,
    lastEvent: { operation: 'started', level: 'info' },
  });
  const forward = shown.elements.find(
    (one: { element: { ports?: object } }) => one.element.ports !== undefined,
  );
  expect(forward).toMatchObject({ packets: 1, connectionsNow: 1 });
  const { stdout } = lab.guestgate('status');
  expect(stdout).toMatch(/^web +running +192\.168\.122\.41 \(.+\) +started \d+ s ago$/m);
  expect(stdout).toMatch(/^ {2}\*:8080\/tcp -> 192\.168\.122\.41:80 +1 now +1 ever$/m);
  expect(stdout).toMatch(/2 guests, 3 forwards, 1 connection now\n$/);
});

test('the bytes of connections are shown where the kernel counts them', () => {
  lab.host.sh('echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct');
  lab.fetch('client', publicAddress, 9090);
  expect(lab.guestgate('status', 'other').stdout).toMatch(/9090\/tcp .*1 now +1 ever +\d+ B$/m);
});

test('a line for each guest, by a template', () => {
  const { guests } = status();
  const lines = lab.guestgate(
    'status',
    '--format',
    '{{.guest.name}}\\t{{.state}}\\t{{json .address}}',
  ).stdout;
  expect(lines.split('\n').slice(0, -1)).toEqual(
    guests.map(({ guest, state, address }: { guest: { name: string }; state: string; address?: string }) =>
      [guest.name, state, JSON.stringify(address ?? null)].join('\t'),
    ),
  );
});

test('status of a guest has what status of all has for it, and no other guest', () => {
  const all = status().guests.find(({ guest }: { guest: { name: string } }) => guest.name === 'web');
  expect(status('web').guests).toEqual([all]);
  expect(status(web.uuid ?? '').guests).toEqual([all]);
  expect(lab.guestgate('status', 'wbe')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('guestgate plan wbe'),
  });
});

test('what it prints is as the published schema says', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(lab.guestgate('schema', '--status').stdout));
  expect(validate(status()), JSON.stringify(validate.errors)).toBe(true);
});

test('only a terminal gets colours', () => {
  const onTerminal = (environment: string) =>
    lab.host.sh(`script -qec '${environment} TERM=xterm guestgate status' /dev/null </dev/null`);
  expect(lab.guestgate('status').stdout).not.toContain('\u001b');
  expect(onTerminal('')).toContain('\u001b[1mweb');
  expect(onTerminal('NO_COLOR=1')).not.toContain('\u001b');
});

test('--watch shows it again and again, and a signal ends it with 0', () => {
  const watched = lab.host.run(
    'timeout',
    ['--preserve-status', '-s', 'INT', '3', 'guestgate', 'status', '--watch'],
    {
      mayFail: true,
    },
  );
  expect(watched.status).toBe(0);
  expect(watched.stdout.match(/^web /gm)?.length).toBeGreaterThan(0);
});
