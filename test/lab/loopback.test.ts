import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';

/** Forwards at the host's own 127.0.0.1, and what must not be reached there. */
const { test, lab, web, mail } = labTest({ guests: ['web', 'mail'], forwarding: 'DROP' });
let before: string;
test.beforeAll(() => {
  before = lab.ruleset();
});

const configure = (loopback: string) =>
  lab.configure(`[guest.web]\naddress = "${web.address}"\n${loopback}\nforward = ["8080:80", "5353:53/udp"]
[guest.mail]\naddress = "${mail.address}"\nforward = [{ port = 2222, to = 22, loopback = true }]\n`);
const routed = () => lab.host.read('/proc/sys/net/ipv4/conf/virbr0/route_localnet').trim();

test('the host reaches the guest at 127.0.0.1 on request, and not without', () => {
  configure('');
  lab.hook(web, 'started');
  expect(lab.fetch('host', '127.0.0.1', 8080)).toContain('refused');
  expect(routed()).toBe('0');
  configure('loopback = true\nallow_from = []');
  expect(lab.hook(web, 'started').status).toBe(0);
  expect(lab.fetch('host', '127.0.0.1', 8080)).toBe('hello from guest1, you are 192.168.122.1');
  expect(lab.ask('host', '127.0.0.1', 5353)).toBe('hello from guest1, you are 192.168.122.1');
  expect(routed()).toBe('1');
  expect(lab.guestgate('status').stdout).toContain('127.0.0.1:8080/tcp -> 192.168.122.41:80');
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test('no other host does, whatever its routes, and the host’s own services stay its own', () => {
  configure('loopback = true');
  lab.hook(web, 'started');
  lab.host.start('socat', ['TCP4-LISTEN:9999,bind=127.0.0.1,fork,reuseaddr', 'SYSTEM:echo the host itself']);
  lab.host.sh('for i in $(seq 2000); do ss -ltn | grep -q ":9999 " && exit; sleep 0.05; done; exit 1');
  for (const [space, gateway, source] of [
    ['guest2', '192.168.122.1', mail.address],
    ['client', publicAddress, '198.51.100.3'],
  ] as const) {
    lab.host.sh(
      `ip route del table local 127.0.0.1; ip route del table local 127.0.0.0/8; ip route add 127.0.0.0/8 via ${gateway}
       echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet`,
      { in: space },
    );
    expect(lab.fetch(space, '127.0.0.1', 9999, { source })).not.toContain('the host itself');
    expect(lab.fetch(space, '127.0.0.1', 8080, { source })).not.toContain('hello');
  }
  const dropped = lab.host.sh('nft list chain ip guestgate loopback').match(/packets (\d+)/)?.[1];
  expect(Number(dropped)).toBeGreaterThan(0);
});

test('the bridge is as it was when the last guest has closed', () => {
  configure('loopback = true');
  lab.hook(web, 'started');
  lab.hook(mail, 'started');
  expect(lab.fetch('host', '127.0.0.1', 2222)).toContain('hello from guest2');
  lab.end(web);
  expect(routed()).toBe('1');
  expect(lab.fetch('host', '127.0.0.1', 2222)).toContain('hello from guest2');
  lab.end(mail);
  expect(routed()).toBe('0');
});

test('what was switched on before stays', () => {
  lab.host.sh('echo 1 >/proc/sys/net/ipv4/conf/virbr0/route_localnet');
  configure('loopback = true');
  lab.hook(web, 'started');
  lab.end(web);
  expect(routed()).toBe('1');
  lab.host.sh('echo 0 >/proc/sys/net/ipv4/conf/virbr0/route_localnet');
});

test('a bridge that is created again, and replay, have it again; check reports it before', () => {
  configure('loopback = true');
  lab.hook(web, 'started');
  const forget = () => lab.host.sh('echo 0 >/proc/sys/net/ipv4/conf/virbr0/route_localnet');
  forget();
  expect(lab.guestgate('check').stdout).toContain('route_localnet of virbr0 is off');
  lab.networkHook('started', networkHookXml());
  expect(routed()).toBe('1');
  forget();
  expect(lab.guestgate('replay').status).toBe(0);
  expect(lab.fetch('host', '127.0.0.1', 8080)).toContain('hello from guest1');
  lab.host.sh('rm /run/libvirt/qemu/web.xml; nft flush ruleset');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(routed()).toBe('0');
  lab.host.sh('iptables -P FORWARD DROP');
});

test('uninstall leaves nothing', () => {
  configure('loopback = true');
  lab.hook(web, 'started');
  lab.hook(mail, 'started');
  expect(routed()).toBe('1');
  expect(lab.guestgate('uninstall').status).toBe(0);
  expect(routed()).toBe('0');
  expect(lab.ruleset()).toBe(before);
});
