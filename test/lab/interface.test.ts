import { beforeEach, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * `interface` in [host]: forwards without an address are reached through it, whichever addresses it has. A second uplink,
 * with a client of its own, is another matter.
 *
 *   client 198.51.100.2 --- eth0 host eth1 --- 203.0.113.2 neighbour
 */

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(() => {
  lab.host.sh(`
    ip netns add neighbour
    ip link add eth1 type veth peer name eth0 netns neighbour
    ip addr add 203.0.113.1/24 dev eth1; ip link set eth1 up
    ip -n neighbour link set lo up; ip -n neighbour link set eth0 up
    ip -n neighbour addr add 203.0.113.2/24 dev eth0; ip -n neighbour route add default via 203.0.113.1
    iptables -P FORWARD DROP
  `);
});
beforeEach(() => {
  through('"eth0"');
  lab.hook(web, 'started');
});

function through(interfaces: string): void {
  lab.configure(
    `[host]\ninterface = ${interfaces}\n[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`,
  );
}

const hello = 'hello from guest1';

test('forwards are reached through the interface, and through no other', () => {
  expect(lab.fetch('client', publicAddress, 8080)).toContain(hello);
  expect(lab.fetch('neighbour', '203.0.113.1', 8080)).toContain('refused');
  expect(lab.guestgate('check').status).toBe(0);
});

test('the host itself and guests reach them, too', () => {
  expect(lab.fetch('host', publicAddress, 8080)).toContain(hello);
  expect(lab.fetch('guest1', publicAddress, 8080)).toContain(hello);
});

test('an address that is added later counts immediately, and a removed one no longer', () => {
  lab.host.sh('ip addr add 198.51.100.77/24 dev eth0');
  expect(lab.fetch('client', '198.51.100.77', 8080)).toContain(hello);
  lab.host.sh('ip addr del 198.51.100.77/24 dev eth0');
  expect(lab.fetch('client', '198.51.100.77', 8080)).not.toContain(hello);
});

test('several uplinks may be named', () => {
  through('["eth0", "eth1"]');
  lab.hook(web, 'reconnect');
  expect(lab.fetch('client', publicAddress, 8080)).toContain(hello);
  expect(lab.fetch('neighbour', '203.0.113.1', 8080)).toContain(hello);
});

test.each(['apply', 'replay'])('another interface counts after %s', (command) => {
  through('"eth1"');
  expect(lab.guestgate(command)).toMatchObject({ status: 0, stderr: '' });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  expect(lab.fetch('neighbour', '203.0.113.1', 8080)).toContain(hello);
  expect(lab.guestgate('check').status).toBe(0);
});

test('an alias is its interface', () => {
  through('"eth1:0"');
  lab.guestgate('apply');
  expect(lab.fetch('neighbour', '203.0.113.1', 8080)).toContain(hello);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
});

test('without the line, every interface counts again', () => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.guestgate('apply');
  expect(lab.fetch('neighbour', '203.0.113.1', 8080)).toContain(hello);
  expect(lab.fetch('client', publicAddress, 8080)).toContain(hello);
});
