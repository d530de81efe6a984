import { beforeEach, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { withNic } from '../support/lab-guest.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';

/** A guest on two networks: forwards to the interface that the administrator chose. */
const { test, lab, web: plain } = labTest({ guests: ['web'] });
const web = withNic(plain);
const dmz = web.nics?.[0]?.address ?? '';
test.beforeAll(() => {
  lab.addNic(plain);
  for (const [address, name] of [
    [web.address, 'default'],
    [dmz, 'dmz'],
  ])
    lab.host.start(
      'socat',
      [`TCP4-LISTEN:8000,bind=${address},fork,reuseaddr`, `SYSTEM:read line; echo ${name}`],
      {
        in: 'guest1',
      },
    );
});
beforeEach(() => {
  lab.host.sh(
    'nft flush ruleset; iptables -P FORWARD DROP; rm -rf /run/guestgate /run/libvirt/qemu; conntrack -F 2>/dev/null || true',
  );
});

const reached = (port: number) => lab.fetch('client', publicAddress, port);

test.each(['network = "dmz"', 'mac = "52:54:00:CC:DD:01"', 'nic = 2'])(
  'a guest is forwarded to on the interface of %s, and a forward may choose another',
  (nic) => {
    lab.configure(`[guest.web]
${nic}
forward = ["8001:8000", { port = "8002", to = "8000", network = "default" }]
`);
    lab.host.write(
      '/var/lib/libvirt/dnsmasq/virbr0.status',
      `[{"ip-address": "${web.address}", "mac-address": "${web.mac}", "expiry-time": 9999999999}]`,
    );
    expect(lab.hook(web, 'started').stderr).toContain(`2 forwards to ${dmz} and ${web.address}`);
    expect([reached(8001), reached(8002)]).toEqual(['dmz', 'default']);
    expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
    expect(lab.guestgate('status').stdout).toContain(dmz);
    lab.end(web);
    expect(lab.guestgate('status').stdout).toBe('No running guest has a policy.\n');
  },
);

test('publish names the interface', () => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8001:8000"]\n`);
  lab.hook(web, 'started');
  expect(lab.guestgate('publish', 'web', '8002:8000', '--network', 'dmz')).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect([reached(8001), reached(8002)]).toEqual(['default', 'dmz']);
});

test('what the guest opens from the chosen interface leaves with its public address', () => {
  lab.configure(`[guest.web]\nnetwork = "dmz"\npublic_address = "${secondAddress}"\n`);
  lab.hook(web, 'started');
  lab.serve('client', 'hello from the client');
  expect(lab.fetch('client', secondAddress, 8000)).toBe('dmz');
  expect(lab.fetch('guest1', '198.51.100.2', 80, { source: dmz })).toContain(`you are ${secondAddress}`);
});

test('a given address must fit the chosen interface; a missing interface is reported', () => {
  lab.configure(`[guest.web]\nnetwork = "dmz"\naddress = "${web.address}"\nforward = ["8001:8000"]\n`);
  expect(lab.hook(web, 'started').stderr).toContain(
    `the policy says ${web.address}, which is outside 192.168.150.0/24 (network "dmz")`,
  );
  lab.configure('[guest.web]\nforward = [{ port = "8001", network = "lan" }]\non_error = "deny"\n');
  const denied = lab.hook(web, 'prepare');
  expect(denied.status).toBe(1);
  expect(denied.stderr).toContain(
    `the guest has no interface on network "lan" (its interfaces: 1: ${web.mac} on network "default", 2: ${web.nics?.[0]?.mac} on network "dmz")`,
  );
});

test.each([
  ['guest', 'network = "dmz"\nforward = ["8001:8000", { port = "8002", to = 8000, network = "default" }]'],
  ['forward', 'forward = [{ port = "8001", to = 8000, network = "dmz" }, "8002:8000"]'],
])(
  'where the interface that a %s chose is pulled, what went to it closes, and the rest stays',
  (_, policy) => {
    lab.configure(
      `[guest.web]\naddress = "${web.address}"\n${policy}\n`.replace(/address.*\nnetwork/, 'network'),
    );
    lab.host.write(
      '/var/lib/libvirt/dnsmasq/virbr0.status',
      `[{"ip-address": "${web.address}", "mac-address": "${web.mac}", "expiry-time": 9999999999}]`,
    );
    lab.hook(web, 'started');
    expect([reached(8001), reached(8002)]).toEqual(['dmz', 'default']);
    const port = networkHookXml({ guest: web, mac: web.nics?.[0]?.mac ?? '' }).replaceAll('virbr0', 'virbr1');
    const onDmz = port.replace('<name>default</name>', '<name>dmz</name>');
    expect(lab.networkHook('port-deleted', onDmz).stderr).toContain(
      'the guest has no interface on network "dmz"',
    );
    expect(lab.host.sh('nft list table ip guestgate')).not.toContain(dmz);
    expect(reached(8002)).toBe('default');
    // A lease of its from another day is no lease of this run.
    lab.host.write(
      '/var/lib/libvirt/dnsmasq/virbr1.status',
      `[{"ip-address": "192.168.150.77", "mac-address": "${web.nics?.[0]?.mac}", "expiry-time": 9999999999}]`,
    );
    lab.networkHook('port-created', onDmz);
    expect([reached(8001), reached(8002)]).toEqual(['dmz', 'default']);
  },
);
