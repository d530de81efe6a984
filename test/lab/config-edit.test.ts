import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

const { test, lab, web } = labTest({ guests: ['web'] });
const main = '/etc/guestgate/guestgate.toml';
const text = () => `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`;

test.beforeEach(() => {
  lab.configure(text());
  lab.hook(web, 'started');
});

/** With an editor that changes the text as sed(1) does. */
const edit = (script: string, command = 'guestgate config edit --yes') =>
  lab.host.run('sh', ['-c', `VISUAL="sed -i ${script}" ${command}`], { mayFail: true });

test('what was edited is shown, written and applied', () => {
  const ran = edit('s/8080/8081/');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain('-forward = ["8080:80"]\n+forward = ["8081:80"]\n');
  expect(lab.fetch('client', publicAddress, 8081)).toContain('hello');
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
});

test('a text with a mistake is not written, and the line of the mistake is named', () => {
  const ran = edit('s/forward/forwards/');
  expect(ran.status).toBe(2);
  expect(ran.stderr).toMatch(/guestgate\.toml:\d+: unknown key "forwards"/);
  expect(lab.host.read(main)).toContain('forward = ["8080:80"]');
});

test('on a terminal it asks: no leaves everything as it was', () => {
  const answer = (word: string) =>
    edit('s/8080/8082/', `script -qec 'guestgate config edit' /dev/null <<X\n${word}\nX\n`).stdout;
  expect(answer('n')).toContain('discarded, nothing changed');
  expect(lab.host.read(main)).toContain('8080');
  answer('y');
  expect(lab.host.read(main)).toContain('8082');
});

test('an editor that changes nothing changes nothing, and without a terminal it does not write', () => {
  expect(edit('s/nothing/x/').stdout).toContain('nothing changed');
  expect(edit('s/8080/8083/', 'guestgate config edit')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('use --yes'),
  });
  expect(lab.host.read(main)).toContain('8080');
});
