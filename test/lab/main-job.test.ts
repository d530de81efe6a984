import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(() => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "5353:53/udp"]\n`);
});

test('a started guest is reachable, a stopped one is not, and nothing is left', () => {
  const before = lab.ruleset();
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  const started = lab.hook(web, 'started');
  expect(started).toMatchObject({ status: 0, stdout: '' });
  expect(started.stderr).toMatch(
    /^guestgate: qemu guest "web" started: 2 forwards to 192.168.122.41 \(\d+ ms\)\n$/,
  );
  expect(lab.fetch('client', publicAddress, 8080)).toBe('hello from guest1, you are 198.51.100.2');
  expect(lab.ask('client', publicAddress, 5353)).toBe('hello from guest1, you are 198.51.100.2');
  expect(lab.hook(web, 'stopped')).toMatchObject({ status: 0, stdout: '' });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  lab.guestgate('uninstall');
  expect(lab.ruleset()).toBe(before);
});
