import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { Lab, publicAddress } from '../support/lab.ts';
import { echoAt, Probe } from '../support/probe.ts';
import { until } from '../support/until.ts';

/*
 * What calls no hook: somebody changes the ruleset, and `guestgate watch` puts back what is ours. New connections are
 * opened all the time; that they are answered again is what counts, and no event of a guest is there to help.
 */

let lab: Lab;
let probe: Probe;
let watcher: ChildProcess;
beforeAll(async () => {
  lab = await Lab.create();
  const web = lab.addGuest('web');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "7777:7/udp"]\n`);
  libvirtRules[0]?.load(lab);
  lab.hook(web, 'started');
  echoAt(lab, web, 7);
  lab.host.sh('mkdir -p /run/systemd/journal; touch /tmp/journal');
  lab.host.start('socat', ['-u', 'UNIX-RECV:/run/systemd/journal/socket', 'OPEN:/tmp/journal,append']);
  await until('there is a journal', () => succeeds('test -S /run/systemd/journal/socket'));
  await startWatcher();
  probe = new Probe(lab, publicAddress, 7777, 20);
});
afterAll(async () => {
  probe?.end();
  await lab?.destroy();
});

const succeeds = (script: string) => lab.host.run('sh', ['-ec', script], { mayFail: true }).status === 0;
const journal = () => lab.host.read('/tmp/journal').match(/(?<=^MESSAGE=).*/gm) ?? [];
const anchorFirst = () => lab.host.sh('iptables -S FORWARD | grep ^-A | head -1').trim();

/** A new one has mended nothing yet: many repairs within seconds would look like a fight to it. */
async function startWatcher(): Promise<void> {
  watcher = lab.host.start('/usr/bin/guestgate', ['watch']);
  await until('somebody watches', () => succeeds('pgrep -x nft'));
}

async function endWatcher(): Promise<unknown> {
  const ended = new Promise((resolve) => watcher.once('exit', resolve));
  lab.host.sh('kill -TERM $(cat /run/guestgate/watcher)');
  return ended;
}

beforeEach(async () => {
  await probe.look('anew');
  await probe.untilOpen();
  await probe.look('anew');
});

const nftReload = `flush ruleset
table inet filter {
	chain input { type filter hook input priority filter; policy accept; }
	chain forward { type filter hook forward priority filter; policy accept; }
}
`;

describe('reachable again, by nobody but the watcher, after', () => {
  test.each([
    ['nft flush ruleset', 'nft flush ruleset'],
    ['the reload of a whole file, as systemctl restart nftables does', 'nft -f /tmp/reload.nft'],
    ['iptables -F', 'iptables -F'],
    ['iptables -P FORWARD DROP, and all flushed', 'iptables -P FORWARD DROP; iptables -F FORWARD'],
    ['a REJECT on top of FORWARD', 'iptables -I FORWARD -j REJECT'],
    ['our table deleted', 'nft delete table ip guestgate'],
    ['one of our chains flushed', 'nft flush chain ip guestgate translate'],
    ['our map flushed', 'nft flush map ip guestgate forward_any'],
    ['our entry deleted', "nft 'delete element ip guestgate forward_any { udp . 7777 }'"],
    ['iptables-legacy -P FORWARD DROP', 'iptables-legacy -P FORWARD DROP'],
    ['iptables-legacy -F and a REJECT', 'iptables-legacy -F; iptables-legacy -I FORWARD -j REJECT'],
  ])('%s', async (_, script) => {
    lab.host.write('/tmp/reload.nft', nftReload);
    await endWatcher();
    if (!succeeds('iptables -S LIBVIRT_FWI')) libvirtRules[0]?.load(lab);
    lab.guestgate('replay');
    await startWatcher();
    const said = journal().length;
    lab.host.sh(script);
    await until('the watcher has put something back', () => journal().length > said);
    await probe.look('anew');
    expect(await probe.untilOpen()).toMatchObject({ open: true });
    await until('all is as it should be', () => lab.guestgate('check').status === 0);
    const lines = journal().slice(said);
    expect(lines.every((line) => /^watch: .*: put back \(\d+ ms\)$/.test(line))).toBe(true);
  });
});

test('it says who it was, and what was wrong', async () => {
  await endWatcher();
  await startWatcher();
  const said = journal().length;
  lab.host.sh('iptables -F FORWARD');
  await until('it is put back', () => journal().length > said);
  expect(journal()[said]).toMatch(
    /^watch: our accept did not stand first in iptables FORWARD, last changed by iptables \(process \d+.*\): put back/,
  );
});

test('a guest that starts and stops is no reason to say anything', async () => {
  const said = journal().length;
  const other = lab.addGuest('other', { serve: false });
  lab.hook(other, 'started');
  lab.end(other);
  lab.host.sh('nft add table ip stranger; nft delete table ip stranger');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(
    journal()
      .slice(said)
      .filter((line) => line.startsWith('watch')),
  ).toEqual([]);
});

test('somebody who goes on fighting is named, with his rule, and is not answered for ever', async () => {
  const said = journal().length;
  lab.host.start('sh', [
    '-c',
    'echo $$ >/tmp/fighter; while :; do iptables -D FORWARD -j REJECT 2>/dev/null; iptables -I FORWARD -j REJECT; sleep 0.2; done',
  ]);
  await until('it is told', () =>
    journal()
      .slice(said)
      .some((line) => line.includes('keeps undoing')),
  );
  await until('it is told again', () =>
    journal()
      .slice(said)
      .some((line) => line.includes('every 4 s')),
  );
  lab.host.sh('kill -KILL $(cat /tmp/fighter)');
  lab.host.sh('while iptables -D FORWARD -j REJECT; do :; done');
  const lines = journal().slice(said);
  const told = lines.filter((line) => line.includes('keeps undoing'));
  expect(told[0]).toMatch(
    /^watch: somebody keeps undoing what is ours; our accept did not stand first in iptables FORWARD, last changed by iptables \(.*\); in iptables FORWARD above it: -A FORWARD -j REJECT.*; put back again, from now on at most every \d+ s$/,
  );
  expect(lines.length).toBeLessThan(12);
}, 60_000);

test('a second one does not run beside it; SIGTERM ends it, and nothing is left of it', async () => {
  expect(lab.guestgate('watch')).toMatchObject({
    status: 2,
    stderr: 'guestgate: watching: another guestgate watch runs on this host\n',
  });
  expect(await endWatcher()).toBe(0);
  await until('nft monitor has ended, too', () => !succeeds('pgrep -x nft'));
});

test('what happened while nobody watched is mended when it starts', async () => {
  lab.host.sh('nft flush map ip guestgate forward_any; iptables -D FORWARD -j GUESTGATE-FORWARD');
  await startWatcher();
  await probe.look('anew');
  await probe.untilOpen();
  await until('all is as it should be', () => lab.guestgate('check').status === 0);
  expect(anchorFirst()).toBe('-A FORWARD -j GUESTGATE-FORWARD');
});

test('uninstall ends it', async () => {
  const ended = new Promise((resolve) => watcher.once('exit', resolve));
  lab.guestgate('uninstall');
  expect(await ended).toBe(0);
});
