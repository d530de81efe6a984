import { beforeEach, describe, expect } from 'vitest';
import { codeOf, readDocuments } from '../support/documents.ts';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * What the documents tell a reader to do, done: the blocks and lines below are read from the documents themselves.
 */

const hello = 'hello from guest1';
const documents = readDocuments();

/** The first block of a language, or the indented lines, of a document. */
function blockOf(path: string, language: string): string {
  const all = documents.filter((document) => document.path === path).flatMap(codeOf);
  const found = all.find((code) => code.kind === 'block' && code.language === language);
  if (found === undefined) throw new Error(`${path}: no block of ${language}`);
  return found.text;
}

function linesOf(path: string): string[] {
  const all = documents.filter((document) => document.path === path).flatMap(codeOf);
  return all.filter(({ kind, language }) => kind === 'line' && language === '').map(({ text }) => text);
}

const { test, lab, web, db } = labTest({ guests: ['web', 'db'], ipv6: true });
/** Its IPv6 address is reserved nowhere. */
test.beforeAll(() => {
  lab.host.start('socat', ['TCP4-LISTEN:7,fork,reuseaddr', 'EXEC:cat'], { in: 'guest1' });
});
beforeEach(() => {
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate /etc/guestgate/guests.d');
  lab.configure('# nothing yet\n');
  for (const guest of [web, db]) lab.hook(guest, 'started');
});

const reached = (port: number, address = publicAddress) => lab.fetch('client', address, port).includes(hello);
const withAddress = (toml: string) =>
  toml.replace('[guest.web]', `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\n#`);

test('README: the first forward', () => {
  lab.configure(withAddress(blockOf('README.md', 'toml')));
  expect(lab.guestgate('plan', 'web').stdout).toContain('8443');
  expect(lab.guestgate('apply').status).toBe(0);
  expect(lab.guestgate('check').status).toBe(0);
  expect([reached(80), reached(8443), reached(80, publicAddress6)]).toEqual([true, true, true]);
});

describe('connections of a forward end', () => {
  const tracked = () => lab.host.sh('conntrack -L 2>/dev/null || true').includes('dport=7001');

  test.each(['unpublish', 'apply'])('with %s', async (command) => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["7001:7"]\n`);
    lab.guestgate('apply');
    const connection = lab.host.start('socat', ['-', `TCP4:${publicAddress}:7001`], { in: 'client' });
    connection.stdin?.on('error', () => {});
    let heard = '';
    connection.stdout?.on('data', (data: Buffer) => {
      heard += String(data);
    });
    connection.stdin?.write('before\n');
    await until('the guest answers', () => heard.includes('before'));
    expect(tracked()).toBe(true);
    if (command === 'unpublish') expect(lab.guestgate('unpublish', 'web', '7001').status).toBe(0);
    else {
      lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["7002:7"]\n`);
      expect(lab.guestgate('apply').status).toBe(0);
    }
    expect(tracked()).toBe(false);
    connection.kill('SIGKILL');
  });
});

test("an administrator's own nftables filter: the doctor finds it, and the line of the documents admits forwards", () => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.guestgate('apply');
  expect(reached(8080)).toBe(true);
  lab.host.sh(
    "nft 'table inet mine { chain forward { type filter hook forward priority 0; policy drop; }; }'",
  );
  expect(reached(8080)).toBe(false);
  expect(lab.guestgate('doctor').stdout).toContain('nft add rule inet mine forward ct mark and 0x10000000');
  const rule = linesOf('docs/howto/beside-other-firewalls.md').find((line) => line.startsWith('ct mark'));
  lab.host.sh(`nft 'insert rule inet mine forward ${rule}'`);
  expect(reached(8080)).toBe(true);
});

test('import takes over IPv6 addresses: after apply the guest answers in both families, except to sources of a family without any', () => {
  const answers = (address: string) => lab.fetch('client', address, 8080).includes('hello from guest2');
  const entry = { private_ip: db.address, private_ipv6: db.address6, port_map: { tcp: [[8080, 80]] } };
  const importEntry = (more: object) => {
    lab.host.sh('rm -f /etc/guestgate/guests.d/db.toml');
    lab.host.write('/tmp/hooks.json', JSON.stringify({ db: { ...entry, ...more } }));
    const imported = lab.guestgate('import', '/tmp/hooks.json');
    expect(imported.status).toBe(0);
    expect(lab.guestgate('apply').status).toBe(0);
    return imported.stderr;
  };
  expect(importEntry({})).not.toContain('IPv6');
  expect([answers(publicAddress), answers(publicAddress6)]).toEqual([true, true]);
  expect(importEntry({ source_ip: '198.51.100.0/24' })).toContain('denies all IPv6 access');
  expect([answers(publicAddress), answers(publicAddress6)]).toEqual([true, false]);
});

test('several uplinks: answers leave by the uplink that the request came by', () => {
  lab.host.sh(`
    ip netns add neighbour
    ip link add eth1 type veth peer name eth0 netns neighbour
    ip addr add 203.0.113.1/24 dev eth1; ip link set eth1 up
    ip -n neighbour link set lo up; ip -n neighbour link set eth0 up
    ip -n neighbour addr add 203.0.113.2/24 dev eth0; ip -n neighbour addr add 192.0.2.2/32 dev lo
    ip -n neighbour route add default via 203.0.113.1`);
  lab.configure(withAddress(blockOf('docs/howto/uplinks.md', 'toml')));
  expect(lab.guestgate('apply').status).toBe(0);
  const far = () => lab.fetch('neighbour', '203.0.113.1', 80, { source: '192.0.2.2' }).includes(hello);
  expect([reached(80), far()]).toEqual([true, false]);
  lab.host.write('/tmp/uplinks.nft', blockOf('docs/howto/uplinks.md', 'nft'));
  lab.host.sh(`nft -f /tmp/uplinks.nft\n${linesOf('docs/howto/uplinks.md').join('\n')}`);
  expect([reached(80), far()]).toEqual([true, true]);
});
