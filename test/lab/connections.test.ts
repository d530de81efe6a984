import { beforeEach, expect } from 'vitest';
import { Connection, serveEcho } from '../support/connection.ts';
import { client, publicAddress, publicAddress6, secondAddress } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * Connection tracking goes on translating what it knows. What a guest, or a forward, takes with it when it goes is
 * its connections; those of all others live on.
 */

const { test, lab, web, other } = labTest({ guests: ['web', 'other'] });
test.beforeAll(() => {
  for (const space of ['guest1', 'guest2']) serveEcho(lab.host, space);
});
beforeEach(() => {
  configure('"7001:7", "7002:7"');
  for (const guest of [web, other]) lab.hook(guest, 'started');
});

function configure(forwards: string): void {
  lab.configure(
    `[guest.web]\naddress = "${web.address}"\nforward = [${forwards}]\n[guest.other]\naddress = "${other.address}"\nforward = ["7003:7"]\n`,
  );
}

async function withConnections(
  ports: readonly number[],
  use: (...connections: Connection[]) => Promise<void>,
): Promise<void> {
  const connections = ports.map((port) => new Connection(lab.host, publicAddress, port));
  try {
    for (const connection of connections) expect(await connection.answers('hello')).toBe(true);
    await use(...connections);
  } finally {
    for (const connection of connections) await connection.end();
  }
}

/** What the kernel remembers of connections to these ports of the host. */
function remembered(): number[] {
  const listing = lab.host.sh('conntrack -L 2>/dev/null || true');
  const ports = [...listing.matchAll(/dst=198\.51\.100\.1 sport=\d+ dport=(700\d)/g)].map(([, port]) =>
    Number(port),
  );
  return [...new Set(ports)].sort();
}

test("a guest that stops ends its own connections, and no other guest's", async () => {
  await withConnections([7001, 7003], async (own, others) => {
    lab.end(web);
    expect(remembered()).toEqual([7003]);
    expect(await own?.answers('still there')).toBe(false);
    expect(await others?.answers('still there')).toBe(true);
  });
});

test('a forward that is removed takes its connections with it; the guest keeps the others', async () => {
  await withConnections([7001, 7002, 7003], async (removed, kept, others) => {
    configure('"7002:7"');
    expect(lab.guestgate('replay', 'web').status).toBe(0);
    expect(remembered()).toEqual([7002, 7003]);
    expect(await removed?.answers('still there')).toBe(false);
    expect(await kept?.answers('still there')).toBe(true);
    expect(await others?.answers('still there')).toBe(true);
  });
});

test('apply ends what a source that is no longer allowed has, and what had a removed forward, or lets it continue', async () => {
  const narrowed = '{ port = 7001, to = 7, from = ["192.0.2.1"] }, "7002:7"';
  for (const [forwards, gone] of [
    [narrowed, 7001],
    ['"7001:7"', 7002],
  ] as const) {
    await withConnections([gone], async (kept) => {
      configure(forwards);
      expect(lab.guestgate('apply', '--keep-connections')).toMatchObject({ status: 0, stderr: '' });
      expect(remembered()).toContain(gone);
      expect(await kept?.answers('still there')).toBe(true);
      expect(lab.fetch('client', publicAddress, gone)).not.toContain('hello');
      // Nothing changes any more, so nothing ends.
      expect(lab.guestgate('apply').status).toBe(0);
      expect(await kept?.answers('even now')).toBe(true);
    });
    configure('"7001:7", "7002:7"');
    lab.guestgate('apply');
    await withConnections([gone], async (ended) => {
      configure(forwards);
      expect(lab.guestgate('apply').status).toBe(0);
      expect(remembered()).not.toContain(gone);
      expect(await ended?.answers('still there')).toBe(false);
    });
    configure('"7001:7", "7002:7"');
    lab.guestgate('apply');
  }
});

test('a replay ends the connections of guests that are gone, and disturbs no other', async () => {
  await withConnections([7001, 7003], async (own, others) => {
    lab.host.sh('rm /run/libvirt/qemu/web.xml');
    expect(lab.guestgate('replay').status).toBe(0);
    expect(remembered()).toEqual([7003]);
    expect(await own?.answers('still there')).toBe(false);
    expect(await others?.answers('still there')).toBe(true);
  });
});

test('an event that changes nothing ends nothing', async () => {
  await withConnections([7001], async (own) => {
    lab.hook(web, 'reconnect');
    lab.guestgate('replay');
    expect(await own?.answers('still there')).toBe(true);
  });
});

test('a udp flow that existed before its forward reaches the guest immediately', () => {
  const ask = () => lab.ask('client', publicAddress, 5353, { source: client, sourcePort: 4444 });
  expect(ask()).not.toContain('hello from');
  // The kernel would remember for 30 seconds that this goes to the host.
  expect(lab.host.sh('conntrack -L -p udp 2>/dev/null')).toContain('sport=4444 dport=5353');
  configure('"5353:53/udp"');
  lab.hook(web, 'reconnect');
  expect(ask()).toContain('hello from guest1');
});

test('udp and ping to a public address that began while the guest was down reach it when it starts', () => {
  const ask = () => lab.ask('client', secondAddress, 53, { source: client, sourcePort: 4446 });
  expect(ask()).not.toContain('hello from guest');
  expect(lab.host.sh('conntrack -L -p udp 2>/dev/null')).toContain('sport=4446 dport=53');
  lab.configure(`[guest.web]\naddress = "${web.address}"\npublic_address = "${secondAddress}"\n`);
  expect(lab.hook(web, 'started').status).toBe(0);
  expect(ask()).toContain('hello from guest1');
  lab.end(web);
});

test('a udp flow of a guest leaves with its new address', () => {
  lab.serve('client', 'hello from client');
  lab.host.sh('iptables -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE');
  const ask = () => lab.ask('guest1', client, 53, { source: web.address, sourcePort: 4447 });
  expect(ask()).toContain(`you are ${publicAddress}`);
  lab.configure(`[guest.web]\naddress = "${web.address}"\nsnat = "${secondAddress}"\n`);
  expect(lab.hook(web, 'started').status).toBe(0);
  expect(ask()).toContain(`you are ${secondAddress}`);
  lab.end(web);
});

test('a udp flow does not outlive its forward, and moves with it to another guest', () => {
  const ask = () => lab.ask('client', publicAddress, 5353, { source: client, sourcePort: 4445 });
  configure('"5353:53/udp"');
  lab.hook(web, 'reconnect');
  expect(ask()).toContain('hello from guest1');
  lab.end(web);
  lab.configure(`[guest.other]\naddress = "${other.address}"\nforward = ["5353:53/udp"]\n`);
  expect(ask()).not.toContain('hello from');
  lab.hook(other, 'reconnect');
  expect(ask()).toContain('hello from guest2');
});

const { test: testInBoth, web: guest } = ownLabTest({ guests: ['web'], ipv6: true });

testInBoth('in IPv6 as well, and through an open port', async ({ lab: both }) => {
  both.host.sh('ip6tables -P FORWARD DROP');
  both.host.start('socat', ['TCP6-LISTEN:7,fork,reuseaddr,ipv6only=1', 'EXEC:cat'], { in: 'guest1' });
  const policy = (more: string) => both.configure(`[guest.web]\naddress = "${guest.address6}"\n${more}\n`);
  policy('forward = ["7001:7"]\nopen = [7]');
  both.hook(guest, 'started');
  for (const target of [`[${publicAddress6}]:7001`, `[${guest.address6}]:7`])
    both.host.start('socat', ['-', `TCP6:${target}`], { in: 'client' });
  const remembered = () =>
    [
      ...both.host.sh('conntrack -L -f ipv6 2>/dev/null || true').matchAll(/ESTABLISHED .*? dport=(\d+)/g),
    ].map(([, port]) => Number(port));
  await until('both connections stand', () => remembered().length === 2, 5);
  policy('forward = ["7001:7"]');
  both.guestgate('replay', 'web');
  expect(remembered()).toEqual([7001]);
  both.end(guest);
  expect(remembered()).toEqual([]);
});
