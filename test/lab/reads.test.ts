import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { domainXml } from '../support/lab-xml.ts';
import { repositoryPath } from '../support/repository.ts';

/*
 * libvirt waits for every hook, so an event reads each file once before it has the lock, and once with it. Under Node the
 * reads can be counted; both programs are made of the same code.
 */

const { test, lab, web } = labTest({ guests: ['web'] });
const hook = '/etc/libvirt/hooks/qemu.d/50-node.mjs';
const count = `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const opened = {};
const { openSync } = fs;
fs.openSync = (path, ...more) => {
  opened[path] = (opened[path] ?? 0) + 1;
  return openSync(path, ...more);
};
syncBuiltinESMExports();
process.on('exit', () => fs.writeFileSync('/tmp/opened.json', JSON.stringify(opened)));
`;

test.beforeAll(({ lab: own }) => {
  own.host.run('sh', [
    '-ec',
    'mkdir -p /etc/libvirt/hooks/qemu.d; cp "$1" "$2"',
    'sh',
    repositoryPath('dist/guestgate.mjs'),
    hook,
  ]);
  own.host.write('/tmp/count.mjs', count);
  own.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  // Hidden files are not read: this one must not make any plan again.
  own.host.write('/etc/guestgate/guests.d/.web.toml', 'hidden');
  // Files that changed a moment ago are not cached, and the first event makes the tables.
  own.host.sh('touch -d "1 hour ago" /etc/guestgate/*.toml; sleep 0.2');
  for (const operation of ['started', 'stopped']) own.hook(web, operation);
});

/** How often an event opened each file. */
function openedBy(operation: string): Readonly<Record<string, number>> {
  const phase = operation === 'stopped' ? 'end' : 'begin';
  const args = ['--import', '/tmp/count.mjs', hook, web.name, operation, phase, '-'];
  const { stderr } = lab.host.run('node', args, { input: domainXml(web, operation) });
  expect(stderr).toMatch(operation === 'stopped' ? /removed: 1 forward/ : /1 forward to/);
  return JSON.parse(lab.host.read('/tmp/opened.json')) as Record<string, number>;
}

test('a start reads the policies once, and journal and host state once without the lock and once with it', () => {
  const opened = openedBy('started');
  expect(opened).toMatchObject({
    '/run/guestgate/policies': 1,
    '/run/guestgate/journal.json': 2,
    '/run/guestgate/host.json': 2,
  });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from');
});

test('a stop reads journal and host state once with the lock', () => {
  lab.hook(web, 'started');
  const opened = openedBy('stopped');
  expect(opened['/run/guestgate/host.json']).toBe(1);
  expect(opened['/run/guestgate/journal.json']).toBe(1);
  expect(opened['/run/guestgate/guests/qemu-web.json']).toBe(1);
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello from');
});
