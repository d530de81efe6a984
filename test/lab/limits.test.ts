import { beforeEach, describe, expect } from 'vitest';
import {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
} from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/** How much a forward may be used. No test waits for a rate to allow more: it would an hour. */
const { test, lab, web, mail } = labTest({ guests: ['web', 'mail'], ipv6: true, forwarding: 'DROP' });
let before: string;
test.beforeAll(() => {
  before = lab.ruleset();
});
beforeEach(() => {
  lab.end(web);
});

function start(policy: string, metadata = ''): string {
  lab.configure(`[guest.web]\naddress = ["${web.address}", "${web.address6}"]\n${policy}\n`);
  return lab.hook(web, 'started', { metadata }).stderr;
}

const objects = () => lab.ruleset().match(/^\t(?:limit|chain|set) (?:rate|count)_\S+/gm) ?? [];
const checked = () => lab.guestgate('check').stdout;

describe.each([
  { name: 'IPv4', address: publicAddress, second: secondAddress, one: client, other: '198.51.100.3' },
  { name: 'IPv6', address: publicAddress6, second: secondAddress6, one: client6, other: '2001:db8:1::3' },
])('$name', ({ address, second, one, other }) => {
  const reached = (port: number, source = one, at = address) =>
    lab.fetch('client', at, port, { source }).includes('hello from guest1');

  test('rate: so many connections from all sources together, and another event allows no more', () => {
    const policy = 'forward = [{ port = 8080, to = 80, rate = "2/hour" }, "8443:443"]';
    expect(start(policy)).toContain('2 limits');
    expect([reached(8080), reached(8080, other)]).toEqual([true, true]);
    start(policy);
    expect([reached(8080), reached(8443)]).toEqual([false, true]);
    expect(checked()).toContain('kernel agree');
  });

  test('connections: so many of one address at a time, until one ends', () => {
    const policy = `forward = [{ host = "${second}", port = "80-89", connections = 1 }]`;
    start(policy);
    const at = second.includes(':') ? `TCP6:[${second}]:80,bind=[${one}]` : `TCP4:${second}:80,bind=${one}`;
    const held = lab.host.start('socat', ['-', at], { in: 'client' });
    lab.host.sh(
      'for i in $(seq 2000); do ss -Htn state established "dport = :80" | grep -q . && exit; sleep 0.05; done; exit 1',
      {
        in: 'client',
      },
    );
    start(policy);
    expect([reached(80, one, second), reached(80, other, second)]).toEqual([false, true]);
    expect(checked()).toContain('kernel agree');
    held.stdin?.end('GET /\n');
    lab.host.sh(
      'for i in $(seq 2000); do ss -Htan "dport = :80" | grep -qv TIME-WAIT || exit 0; sleep 0.05; done; exit 1',
      {
        in: 'client',
      },
    );
    expect(reached(80, one, second)).toBe(true);
  });

  test('open ports have their own', () => {
    start('open = [{ port = 80, rate = "1/hour" }, 443]');
    const own = address === publicAddress ? web.address : web.address6;
    expect([80, 80, 443].map((port) => reached(port, one, own))).toEqual([true, false, true]);
    expect(checked()).toContain('kernel agree');
  });
});

test('they are shown, change with the policy, and are gone with the guest', () => {
  start('forward = [{ port = 8080, to = 80, rate = "2/hour", connections = 5 }]');
  expect(lab.guestgate('plan', 'web').stdout).toContain('*:8080/tcp at most 5 connections of one address');
  expect(lab.guestgate('status').stdout).toContain('*:8080/tcp at most 2 new connections a hour');
  const kept = ['\tset count_any_tcp_8080_5', '\tchain count_any_tcp_8080_5'];
  expect(objects()).toEqual(expect.arrayContaining(['\tlimit rate_any_tcp_8080_2_hour', ...kept]));
  start('forward = [{ port = 8080, to = 80, rate = "3/hour", connections = 5 }]');
  expect(objects()).toEqual(expect.arrayContaining(['\tlimit rate_any_tcp_8080_3_hour', ...kept]));
  expect(objects()).toHaveLength(6);
  lab.end(web);
  expect(objects()).toEqual([]);
});

test('replay rebuilds them, and check reports what another program removed', () => {
  start('forward = [{ port = 8080, to = 80, rate = "2/hour", connections = 5 }]');
  const made = objects();
  lab.host.sh('nft flush chain ip guestgate count_any_tcp_8080_5');
  expect(checked()).toContain(
    'the chains of table ip guestgate were changed: 1 rule is missing, 0 are unexpected',
  );
  lab.host.sh('nft delete table ip guestgate; nft delete table ip6 guestgate');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(objects()).toEqual(made);
  expect(checked()).toContain('kernel agree');
});

test('who does not get a forward does not limit it', () => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]
[guest.mail]\naddress = "${mail.address}"\nforward = [{ port = 8080, rate = "1/hour" }]\n`);
  lab.hook(web, 'started');
  expect(lab.hook(mail, 'started').stderr).toContain('is taken by');
  expect(objects()).toEqual([]);
  lab.end(mail);
});

test('of two guests that change places in one transaction, the second has the limit', () => {
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = [{ port = 8080, to = 80, rate = "1/hour", connections = 5 }]\n`,
  );
  lab.hook(web, 'started');
  lab.configure(`[guest.web]\naddress = "${web.address}"
[guest.mail]\naddress = "${mail.address}"\nforward = [{ port = 8080, to = 80, rate = "1/hour", connections = 5 }]\n`);
  lab.host.write('/run/libvirt/qemu/mail.xml', lab.status(mail));
  expect(lab.guestgate('replay').status).toBe(0);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  lab.end(mail);
});

test('in the XML, too; and uninstall leaves nothing', () => {
  const guest =
    '<gg:portForward rate="1/hour" connections="3"><gg:range start="8080" to="80"/></gg:portForward>';
  start('', `<gg:guest xmlns:gg="urn:guestgate:1">${guest}</gg:guest>`);
  expect(objects()).toContain('\tlimit rate_any_tcp_8080_1_hour');
  expect(lab.guestgate('uninstall').status).toBe(0);
  expect(lab.ruleset()).toBe(before);
});
