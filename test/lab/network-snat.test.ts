import { beforeEach, expect } from 'vitest';
import {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
  thirdAddress,
} from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { defaultNetworkXml } from '../support/lab-xml.ts';

/** What all guests of a libvirt network leave with. */
const { test, lab, web, other } = labTest({ guests: ['web', 'other'] });
test.beforeAll(() => {
  lab.serve('client', 'hello from the client');
});
beforeEach(() => {
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu; conntrack -F 2>/dev/null || true');
  lab.host.write('/run/libvirt/network/default.xml', defaultNetworkXml);
  lab.host.sh('iptables -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE');
  lab.configure(
    `[network.default]\nsnat = "${secondAddress}"\n[guest.web]\naddress = "${web.address}"\nsnat = "${thirdAddress}"\n`,
  );
});

const seen = (guest: string) => /you are (\S+)/.exec(lab.fetch(guest, client, 80))?.[1];
const own = () => lab.host.sh('nft list map ip guestgate network_nat');

test('it is there when the network starts, before any guest, and goes when it stops', () => {
  expect(lab.networkHook('started')).toMatchObject({ status: 0, stderr: '' });
  expect(seen('guest2')).toBe(secondAddress);
  const line = `network "default": 192.168.122.0/24 leaves eth0 as ${secondAddress}\n`;
  expect(lab.guestgate('status').stdout).toBe(`No running guest has a policy.\n${line}`);
  expect(lab.host.sh('iptables -S FORWARD')).not.toContain('GUESTGATE');
  expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
  lab.networkHook('stopped');
  expect(own()).not.toContain(secondAddress);
  expect(lab.ruleset()).not.toContain(secondAddress);
});

test('a guest keeps its own, and neither needs the other', () => {
  lab.networkHook('started');
  lab.hook(web, 'started');
  lab.hook(other, 'started');
  expect([seen('guest1'), seen('guest2')]).toEqual([thirdAddress, secondAddress]);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  lab.end(web);
  expect([seen('guest1'), seen('guest2')]).toEqual([secondAddress, secondAddress]);
});

test('a guest that starts brings it, where the network was there first', () => {
  lab.hook(web, 'started');
  expect([seen('guest1'), seen('guest2')]).toEqual([thirdAddress, secondAddress]);
});

test('after replay, and after a flush', () => {
  expect(lab.guestgate('replay')).toMatchObject({ status: 0 });
  expect(seen('guest2')).toBe(secondAddress);
  lab.host.sh('nft flush ruleset');
  lab.daemonHook('start');
  expect(own()).toContain(secondAddress);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test.each([false, true])('apply changes just that (a guest runs: %s)', (running) => {
  lab.networkHook('started');
  if (running) lab.hook(web, 'started');
  lab.configure(
    `[network.default]\nsnat = "${thirdAddress}"\n[guest.web]\naddress = "${web.address}"\nsnat = "${thirdAddress}"\n`,
  );
  expect(lab.guestgate('check')).toMatchObject({ status: 1 });
  expect(lab.guestgate('apply', '--dry-run').stdout).toContain(
    `network "default":\n  - 192.168.122.0/24 leaves eth0 as ${secondAddress}\n  + 192.168.122.0/24 leaves eth0 as ${thirdAddress}`,
  );
  expect(seen('guest2')).toBe(secondAddress);
  expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
  expect(seen('guest2')).toBe(thirdAddress);
  lab.configure('');
  lab.guestgate('apply');
  expect(own()).not.toContain('elements');
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test('a guest that starts after a change brings the network up to it', () => {
  lab.networkHook('started');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nsnat = "${thirdAddress}"\n`);
  lab.hook(web, 'started');
  expect(own()).not.toContain(secondAddress);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test('a mistake in the file leaves what runs as it is', () => {
  lab.networkHook('started');
  lab.configure('[network.default]\nsnat = "nonsense"\n');
  lab.networkHook('updated');
  expect(lab.guestgate('replay').status).not.toBe(70);
  expect(seen('guest2')).toBe(secondAddress);
});

test('check reports an unknown network, and guests that cannot run together', () => {
  lab.configure(
    '[network.nowhere]\nsnat = "198.51.100.10"\n[guest.a]\nforward = ["80"]\n[guest.b]\nforward = ["80"]\n',
  );
  expect(lab.guestgate('check')).toMatchObject({
    status: 0,
    stdout: `Configuration, running guests and kernel agree.
note: network "nowhere": has a policy, and libvirt knows no network of that name
note: guests "a" and "b": both want port 80/tcp: the guest that starts first gets it
`,
  });
});

test('check names forwards whose ports the network’s guests can take', () => {
  lab.configure(
    `[network.default]\nsnat = "${secondAddress}"\n[guest.a]\nforward = ["${secondAddress}:40000:80", "${secondAddress}:8080:80"]\n`,
  );
  lab.guestgate('apply');
  const { status, stdout } = lab.guestgate('check');
  expect(status).toBe(0);
  expect(stdout.match(/^note: .*ports 32768-60999.*/gm)).toEqual([
    expect.stringContaining(`guest "a": ${secondAddress}:40000/tcp is within`),
  ]);
});

test('forward lets its guests out where FORWARD drops, while the network runs', () => {
  lab.host.sh('iptables -P FORWARD DROP');
  lab.configure('[network.default]\nforward = true\n');
  expect(seen('guest2')).toBeUndefined();
  expect(lab.networkHook('started')).toMatchObject({ status: 0, stderr: '' });
  expect(seen('guest2')).toBe(publicAddress);
  expect(lab.guestgate('status').stdout).not.toContain('of the host');
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  lab.networkHook('stopped');
  expect(seen('guest2')).toBeUndefined();
});

test('uninstall takes it away', () => {
  lab.networkHook('started');
  lab.guestgate('uninstall');
  expect(lab.host.sh('nft list tables')).not.toContain('guestgate');
});

const { test: testInBoth, web: guest } = ownLabTest({ guests: ['web'], ipv6: true });

testInBoth('in both families', async ({ lab: both }) => {
  both.serve('client', 'hello from the client');
  both.configure(`[network.default]\nsnat = ["${secondAddress}", "${secondAddress6}"]\n`);
  expect(both.networkHook('started', both.host.sh('cat /run/libvirt/network/default.xml')).status).toBe(0);
  expect(both.fetch('guest1', client, 80)).toContain(`you are ${secondAddress}`);
  expect(both.fetch('guest1', client6, 80)).toContain(`you are ${secondAddress6}`);
  expect(both.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
  both.configure(`[guest.web]\naddress = "${guest.address6}"\nforward = ["[::]:8080:80"]\n`);
  both.hook(guest, 'started');
  expect(both.fetch('client', publicAddress6, 8080)).toContain('hello from guest1');
  expect(both.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
});
