import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { labTest } from '../support/lab-test.ts';
import { readRepository, repositoryPath } from '../support/repository.ts';

/** The units as systemd itself reads them, beside the installed program; what they start really exists. */

const folder = repositoryPath('pkg/systemd');
const units = readdirSync(folder).filter((name) => !name.endsWith('.preset'));

const { test, lab } = labTest();
test.beforeAll(() => {
  lab.host.sh(`mkdir -p /etc/systemd/system /run/systemd; cp ${folder}/* /etc/systemd/system/`);
});

test.each(units)('%s is what systemd understands', (unit) => {
  const args = ['verify', '--man=no', `/etc/systemd/system/${unit}`];
  const ran = lab.host.run('systemd-analyze', args, { mayFail: true });
  expect(ran.stderr.split('\n').filter((line) => line.includes('guestgate'))).toEqual([]);
  expect(ran.status).toBe(0);
});

test.each(units.filter((unit) => unit.endsWith('.service')))('%s starts a command that there is', (unit) => {
  const text = readRepository(`pkg/systemd/${unit}`);
  const [, command = ''] = /^ExecStart=\/usr\/bin\/guestgate (\w+)$/m.exec(text) ?? [];
  expect(lab.guestgate(command, '--help').stdout).toMatch(`Usage: guestgate ${command}`);
});

test('what the replay at boot does is done: a guest that runs, and no rule of ours, is open after it', () => {
  const web = lab.addGuest('web');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.host.write('/run/libvirt/qemu/web.xml', lab.status(web));
  const start = /^ExecStart=(.*)$/m.exec(readRepository('pkg/systemd/guestgate-replay.service'))?.[1] ?? '';
  expect(lab.fetch('client', '198.51.100.1', 8080)).not.toContain('hello');
  lab.host.sh(start);
  expect(lab.fetch('client', '198.51.100.1', 8080)).toContain('hello from guest1');
});
