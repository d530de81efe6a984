import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

const { test, lab, web, other } = labTest({ guests: ['web', 'other'] });

interface Events {
  readonly events: readonly {
    readonly number: number;
    readonly object: string;
    readonly operation: string;
    readonly level: string;
    readonly message: string;
  }[];
}
const events = (...args: string[]) =>
  (JSON.parse(lab.guestgate('events', '--json', ...args).stdout) as Events).events;

test.beforeEach(() => {
  for (const guest of [web, other]) lab.hook(guest, 'stopped');
  lab.host.sh('rm -rf /run/guestgate');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.hook(web, 'started');
});

test('each hook call is an event: the first one, which makes the state folder, too', () => {
  lab.hook(other, 'started');
  lab.hook(web, 'stopped');
  expect(events().map(({ number, object, operation }) => [number, object, operation])).toEqual([
    [1, 'web', 'started'],
    [2, 'other', 'started'],
    [3, 'web', 'stopped'],
  ]);
  expect(events('other')).toMatchObject([{ level: 'debug' }]);
  expect(lab.guestgate('events', 'web').stdout).toMatch(/qemu web +started +\d+ +1 forward to/);
});

test('calls that come together get a number each', async () => {
  await Promise.all(Array.from({ length: 12 }, () => lab.hookAside(web, 'reconnect')));
  expect(events().map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
});

test('an event runs again with the XML that was kept, without its secrets', () => {
  lab.hook(web, 'stopped');
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  const ran = lab.guestgate('replay', '--event', '1');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^qemu guest "web" started: 1 forward to/);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello');
  expect(lab.host.sh('stat -c %a /run/guestgate/events /run/guestgate/events/1.json')).toBe('700\n600\n');
});

test('a damaged event is reported, and the others are shown', () => {
  lab.hook(web, 'reconnect');
  lab.host.write('/run/guestgate/events/1.json', '{');
  const { stdout, stderr, status } = lab.guestgate('events');
  expect(status).toBe(0);
  expect(stderr).toContain('reading /run/guestgate/events/1.json');
  expect(stdout).toContain('reconnect');
});

test('--follow shows events as they come, and Ctrl-C ends it with 0', async () => {
  const script = 'guestgate events --follow >/tmp/followed & echo $! >/tmp/pid; wait $!; echo $? >/tmp/code';
  const following = lab.host.runAside('sh', ['-c', script]);
  await until('the first is shown', () =>
    lab.host.sh('cat /tmp/followed 2>/dev/null || true').includes('started'),
  );
  lab.hook(web, 'stopped');
  await until('the second is shown', () => lab.host.sh('cat /tmp/followed').includes('stopped'));
  lab.host.sh('kill -INT $(cat /tmp/pid)');
  await following;
  expect(lab.host.read('/tmp/code')).toBe('0\n');
});
