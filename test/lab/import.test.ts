import { beforeEach, describe, expect } from 'vitest';
import { client6, publicAddress, publicAddress6, secondAddress, secondAddress6 } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/** import translates the configuration of libvirt-hook-qemu. */
const source = '/etc/libvirt/hooks/hooks.json';
const folder = '/etc/guestgate/guests.d';

const { test, lab, 'web server': web } = labTest({ guests: ['web server'], ipv6: true });
beforeEach(() => {
  lab.host.sh(`nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu ${folder} /tmp/out`);
  lab.configure('# nothing yet\n');
  lab.host.write(source, hooks());
});

const hooks = () => `{
  // comments are allowed
  "web server": {
    "interface": "virbr0", "private_ip": "${web.address}", "public_ip": "${secondAddress}",
    "port_map": { "tcp": [[8080, 80], 443], "udp": [[5353, 53]] }
  },
  "db": { "private_ip": "192.168.122.99", "source_ip": "198.51.100.3", "port_map": { "tcp": [5432] } }
}
`;
const files = () =>
  lab.host.sh(`find /etc/guestgate /tmp/out -type f 2>/dev/null | sort || true`).trim().split('\n');

test('a file for each guest; after apply its ports are reachable', () => {
  lab.hook(web, 'started');
  const ran = lab.guestgate('import', source);
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain(`warning: ${source}:4: ["web server"].interface: not needed`);
  expect(ran.stdout).toContain(`written ${folder}/web%20server.toml\nwritten ${folder}/db.toml\n`);
  expect(lab.host.read(`${folder}/db.toml`)).toBe(`# Imported from ${source}:7
[guest.db]
address    = "192.168.122.99"
forward    = ["5432"]
allow_from = ["198.51.100.3"]
`);
  expect(lab.guestgate('apply', web.name)).toMatchObject({ status: 0, stderr: '' });
  expect(lab.fetch('client', secondAddress, 8080)).toContain('hello from guest1');
  expect(lab.fetch('client', secondAddress, 443)).toContain('hello from guest1');
  expect(lab.ask('client', secondAddress, 5353)).toContain('hello from guest1');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  expect(lab.guestgate('check').status).toBe(0);
});

test('IPv6 addresses are taken over: plan shows the forward in both families, and clients reach the guest by both', () => {
  lab.host.write(
    source,
    `{ "web server": {
  "private_ip": "${web.address}", "private_ipv6": "${web.address6}",
  "public_ip": "${secondAddress}", "public_ipv6": "${secondAddress6}",
  "source_ip": "198.51.100.0/24", "source_ipv6": "${client6}",
  "port_map": { "tcp": [[8080, 80]] } } }
`,
  );
  expect(lab.guestgate('import', source)).toMatchObject({ status: 0, stderr: '' });
  expect(lab.host.read(`${folder}/web%20server.toml`)).toBe(`# Imported from ${source}:1
[guest."web server"]
address    = ["${web.address}", "${web.address6}"]
forward    = ["${secondAddress}:8080:80", "[${secondAddress6}]:8080:80"]
allow_from = ["198.51.100.0/24", "${client6}"]
`);
  lab.hook(web, 'started');
  const plan = lab.guestgate('plan', web.name);
  expect(plan).toMatchObject({ status: 0, stderr: '' });
  expect(plan.stdout).toContain(`# ${secondAddress}:8080/tcp -> ${web.address}:80\n`);
  expect(plan.stdout).toContain(`# [${secondAddress6}]:8080/tcp -> [${web.address6}]:80\n`);
  expect(plan.stdout).toMatch(/^add element ip6 guestgate forward .* : fd00:122::41 [.] 80 }$/m);
  expect(lab.fetch('client', secondAddress, 8080)).toContain('hello from guest1');
  expect(lab.fetch('client', secondAddress6, 8080)).toBe(`hello from guest1, you are ${client6}`);
  expect(lab.fetch('client', publicAddress6, 8080)).toContain('refused');
  expect(lab.guestgate('check').status).toBe(0);
});

test('from standard input, as a dry run, or into another folder', () => {
  const shown = lab.host.run('/usr/bin/guestgate', ['import', '-', '--dry-run'], { input: hooks() });
  expect(shown.stdout).toContain('# Imported from standard input:3\n[guest."web server"]\n');
  expect(shown.stdout).toContain(
    'forward    = ["198.51.100.10:8080:80", "198.51.100.10:443:443", "198.51.100.10:5353:53/udp"]\n',
  );
  expect(files()).toEqual(['/etc/guestgate/guestgate.toml']);
  expect(lab.guestgate('import', source, '--output', '/tmp/out').status).toBe(0);
  expect(files()).toEqual([
    '/etc/guestgate/guestgate.toml',
    '/tmp/out/db.toml',
    '/tmp/out/web%20server.toml',
  ]);
});

describe('nothing is written', () => {
  test.each<[string, () => unknown, string]>([
    [
      'over a file',
      () => lab.host.write(`${folder}/db.toml`, '# mine\n'),
      `${folder}/db.toml already exists`,
    ],
    [
      'for a guest that has a policy, by its UUID too',
      () => {
        lab.hook(web, 'started');
        lab.configure(`[guest."${web.uuid}"]\n`);
      },
      `${source}:3: guest "web server": already has a policy in /etc/guestgate/guestgate.toml`,
    ],
    [
      'where a line is wrong',
      () => lab.host.sh(`sed -i s/5432/0/ ${source}`),
      `${source}:7: db.port_map.tcp[0]: must be a number`,
    ],
    [
      'over a link, be it to nothing',
      () => lab.host.sh(`mkdir -p ${folder}; ln -s /nowhere ${folder}/db.toml`),
      `${folder}/db.toml already exists`,
    ],
    ['of invalid JSON', () => lab.host.write(source, '{'), `${source}:1: invalid JSON`],
    ['of a file that is not there', () => lab.host.sh(`rm ${source}`), `reading ${source}: no such file`],
  ])('%s', (_, prepare, message) => {
    prepare();
    const before = files();
    const ran = lab.guestgate('import', source);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(files()).toEqual(before);
  });
});

test('import warns about a port of two guests: the hook gave it to the one that started last', () => {
  lab.host.sh(`sed -i 's/5432/8080/' ${source}`);
  lab.configure('[guest.other]\nforward = ["5353:53/udp"]\n');
  const { status, stderr } = lab.guestgate('import', source, '--dry-run');
  expect(status).toBe(0);
  expect(stderr).toContain(
    `${source}:7: guest "db": port 8080/tcp is also forwarded to guest "web server" (${source}:3): the guest that starts first gets it`,
  );
  expect(stderr).toContain(
    `guest "web server": ${secondAddress}:5353/udp is also forwarded to guest "other" (/etc/guestgate/guestgate.toml:2)`,
  );
});

test('rules of iptables become policies: after apply the same clients reach the same ports', () => {
  lab.hook(web, 'started');
  lab.host.sh(`iptables -t nat -A PREROUTING -d ${secondAddress} -p tcp --dport 8080 -j DNAT --to-destination ${web.address}:80
    iptables -t nat -A PREROUTING -p tcp --dport 9090 -m recent --set -j DNAT --to-destination ${web.address}:80
    iptables -t nat -A PREROUTING -p tcp --dport 7070 -j DNAT --to-destination 192.168.122.250:80`);
  expect(lab.fetch('client', secondAddress, 8080)).toContain('hello from guest1');
  lab.host.sh(`iptables-save >/tmp/rules.v4; iptables -t nat -F PREROUTING
    mkdir -p /var/lib/libvirt/dnsmasq;     echo '[{"ip-address":"${web.address}","mac-address":"${web.mac}"}]' >/var/lib/libvirt/dnsmasq/virbr0.status`);
  expect(lab.fetch('client', secondAddress, 8080)).not.toContain('hello');
  const ran = lab.guestgate('import', '--iptables-save', '/tmp/rules.v4');
  lab.host.sh('rm /var/lib/libvirt/dnsmasq/virbr0.status');
  expect(ran.status).toBe(0);
  expect(ran.stderr).toMatch(
    /warning: \/tmp\/rules\.v4:\d+: not translated: -A PREROUTING .*guestgate has no --set/,
  );
  expect(ran.stderr).toMatch(
    /warning: \/tmp\/rules\.v4:\d+: not translated: no guest has the address 192\.168\.122\.250/,
  );
  expect(lab.guestgate('apply', web.name)).toMatchObject({ status: 0, stderr: '' });
  expect(lab.fetch('client', secondAddress, 8080)).toContain('hello from guest1');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
});

test('import takes one file', () => {
  for (const args of [[], [source, '--iptables-save', '/tmp/rules.v4']])
    expect(lab.guestgate('import', ...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('import takes one file'),
    });
});
