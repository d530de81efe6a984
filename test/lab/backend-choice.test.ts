import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { until } from '../support/until.ts';

/*
 * backend = "auto" decides once a boot. A failure of nft that is over in a moment must not decide: all rules would be
 * iptables' until the next boot.
 */

let lab: Lab;
let web: LabGuest;
beforeEach(async () => {
  lab = await Lab.create();
  web = lab.addGuest('web');
  lab.host.write(
    '/etc/guestgate/guestgate.toml',
    `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`,
  );
  lab.host.sh('mkdir -p /run/systemd/journal; touch /tmp/journal');
  lab.host.start('socat', ['-u', 'UNIX-RECV:/run/systemd/journal/socket', 'OPEN:/tmp/journal,append']);
  await until('there is a journal', () => succeeds('test -S /run/systemd/journal/socket'));
});
afterEach(() => lab.destroy());

const succeeds = (script: string) => lab.host.run('sh', ['-ec', script], { mayFail: true }).status === 0;
const memo = () => lab.host.sh('cat /run/guestgate/backend 2>/dev/null || true').trim();
const used = () => (JSON.parse(lab.guestgate('status', '--json').stdout) as { backend?: string }).backend;
const journal = (about: RegExp) =>
  (lab.host.read('/tmp/journal').match(/(?<=^MESSAGE=).*/gm) ?? []).filter((line) => about.test(line));
const isOpen = () => lab.fetch('client', publicAddress, 8080).includes('hello');

/** nft, from now on. */
function replaceNft(script: string): void {
  lab.host.write('/usr/local/sbin/nft', `#!/bin/sh\n${script}\n`);
  lab.host.sh('chmod +x /usr/local/sbin/nft');
}

test.each([
  'exit 1',
  'echo "Error: Could not process rule: Cannot allocate memory" >&2; exit 1',
  'kill -9 $$',
])('nft fails for a moment (%s): nothing is decided, and the next event asks again', async (script) => {
  replaceNft(script);
  const ran = lab.hook(web, 'started');
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(/nft /);
  expect([memo(), isOpen()]).toEqual(['', false]);
  await until(
    'the log says so',
    () => journal(/^choosing between nftables and iptables: .*nft -c/).length > 0,
  );
  lab.host.sh('rm /usr/local/sbin/nft');
  lab.hook(web, 'started');
  await until('the guest is open', isOpen);
  expect([memo(), used()]).toEqual(['nftables', 'nftables']);
  expect(journal(/^using iptables/)).toEqual([]);
});

test('nft says that the kernel cannot do it: iptables is chosen, and the log says why, once', async () => {
  replaceNft('echo "Error: Could not process rule: Operation not supported" >&2; exit 1');
  lab.hook(web, 'started');
  expect([memo(), used(), isOpen()]).toEqual(['iptables-nft', 'iptables-nft', true]);
  lab.hook(web, 'reconnect');
  await until('the log says so', () => journal(/^using iptables/).length > 0);
  expect(journal(/^using iptables/)).toEqual([
    expect.stringMatching(/iptables-nft until the next boot: nft: .*Operation not supported/),
  ]);
});

test('nft fails for a moment while the rules are in iptables: they stay there', async () => {
  lab.host.sh('mv /usr/sbin/nft /usr/sbin/nft.away');
  lab.hook(web, 'started');
  lab.host.sh('mv /usr/sbin/nft.away /usr/sbin/nft; rm /run/guestgate/backend');
  replaceNft('exit 1');
  expect(lab.hook(web, 'reconnect').status).toBe(0);
  expect([memo(), used(), isOpen()]).toEqual(['', 'iptables-nft', true]);
});
