import { beforeEach, describe, expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { defaultNetworkXml } from '../support/lab-xml.ts';

/** Where a guest's address and its forwards are found. */
const { test, lab, web } = labTest({ guests: ['web'] });
beforeEach(() => {
  lab.host.sh(
    'nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu /var/lib/libvirt /etc/libvirt/qemu',
  );
  lab.host.write('/run/libvirt/network/default.xml', defaultNetworkXml);
  lab.configure('[guest.web]\nforward = ["8080:80"]\n');
});

const answers = (port = 8080) => lab.fetch('client', publicAddress, port).includes('hello from guest1');
const lease = (address: string, expires = 4102444800) =>
  JSON.stringify([
    { 'ip-address': address, 'mac-address': web.mac, hostname: 'web', 'expiry-time': expires },
  ]);
const reserve = (entry: string) => defaultNetworkXml.replace('<range ', `<host ${entry}/><range `);
const dnsmasq = '/var/lib/libvirt/dnsmasq';

describe('the address', () => {
  test.each<[string, () => unknown]>([
    [
      "the live network's reservation, by MAC",
      () =>
        lab.host.write('/run/libvirt/network/default.xml', reserve(`mac='${web.mac}' ip='${web.address}'`)),
    ],
    [
      "the live network's reservation, by name",
      () => lab.host.write('/run/libvirt/network/default.xml', reserve(`name='web' ip='${web.address}'`)),
    ],
    [
      "the persistent network's reservation",
      () =>
        lab.host.write(
          '/etc/libvirt/qemu/networks/default.xml',
          reserve(`mac='${web.mac}' ip='${web.address}'`),
        ),
    ],
    [
      "dnsmasq's hosts file",
      () =>
        lab.host.write(
          `${dnsmasq}/default.hostsfile`,
          `52:54:00:aa:bb:99,192.168.122.99\n${web.mac},${web.address},web\n`,
        ),
    ],
    ['its lease', () => lab.host.write(`${dnsmasq}/virbr0.status`, lease(web.address))],
  ])('is found in %s', (_, prepare) => {
    prepare();
    expect(lab.hook(web, 'started').stderr).toContain(`1 forward to ${web.address}`);
    expect(answers()).toBe(true);
  });

  test('of a reservation counts more than that of a lease', () => {
    lab.host.write(`${dnsmasq}/virbr0.status`, lease('192.168.122.200'));
    lab.host.write(`${dnsmasq}/default.hostsfile`, `${web.mac},${web.address}\n`);
    lab.hook(web, 'started');
    expect(answers()).toBe(true);
  });

  test('that is new is taken at reconnect, and the old one left', () => {
    lab.host.write(`${dnsmasq}/virbr0.status`, lease('192.168.122.200'));
    lab.hook(web, 'started');
    expect(answers()).toBe(false);
    lab.host.write(`${dnsmasq}/virbr0.status`, lease(web.address));
    lab.hook(web, 'reconnect');
    expect(answers()).toBe(true);
    expect(lab.ruleset()).not.toContain('192.168.122.200');
  });

  test.each<[string, string, RegExp]>([
    [
      'outside the network',
      '10.0.0.7',
      /10\.0\.0\.7, which is outside 192\.168\.122\.0\/24 \(network "default"\)/,
    ],
    ["the host's own", '192.168.122.1', /192\.168\.122\.1, which is the host's own address on it/],
    [
      "the network's broadcast address",
      '192.168.122.255',
      /192\.168\.122\.255, which is the network or broadcast address/,
    ],
  ])('%s is refused, from a lease and from the policy', (_, address, message) => {
    lab.host.write(`${dnsmasq}/virbr0.status`, lease(address));
    const byLease = lab.hook(web, 'started');
    expect(byLease).toMatchObject({ status: 0, stdout: '' });
    expect(byLease.stderr).toMatch(message);
    lab.configure(`[guest.web]\naddress = "${address}"\nforward = ["8080:80"]\n`);
    expect(lab.hook(web, 'started').stderr).toMatch(message);
    expect(lab.ruleset()).not.toContain(`: ${address}`);
  });

  test.each([
    ['an empty lease file', () => ''],
    ['half a lease file', () => lease('192.168.122.41').slice(0, 40)],
    ['a lease that has ended', () => lease('192.168.122.41', 1000)],
  ])('is not taken from %s', (_, text) => {
    lab.host.write(`${dnsmasq}/virbr0.status`, text());
    expect(lab.hook(web, 'started').stderr).toContain('its address is not known');
    expect(answers()).toBe(false);
  });

  test('that is unknown: the guest starts, and log and status name what was read', () => {
    const started = lab.hook(web, 'started');
    expect(started).toMatchObject({ status: 0, stdout: '' });
    for (const text of [started.stderr, lab.guestgate('status').stdout]) {
      for (const source of [
        'the domain XML',
        '/run/libvirt/network/default.xml',
        '/etc/libvirt/qemu/networks/default.xml',
        `${dnsmasq}/default.hostsfile (no such file)`,
        `${dnsmasq}/virbr0.status (no such file)`,
        'virsh net-update',
      ]) {
        expect(text).toContain(source);
      }
    }
    lab.host.write(`${dnsmasq}/virbr0.status`, lease(web.address));
    expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
    expect(answers()).toBe(true);
    expect(lab.guestgate('status').stdout).not.toContain('not known');
  });

  test('that becomes unknown in the middle of a run leaves open what is open', () => {
    lab.host.write(`${dnsmasq}/virbr0.status`, lease(web.address));
    lab.hook(web, 'started');
    lab.host.write(`${dnsmasq}/virbr0.status`, '');
    expect(lab.hook(web, 'reconnect').status).toBe(0);
    expect(answers()).toBe(true);
  });
});

describe("forwards in the domain's metadata", () => {
  const metadata = (content: string, attributes = '') =>
    `<gg:guest xmlns:gg="urn:guestgate:1"${attributes}>${content}</gg:guest>`;
  const forward = (start: number, to: number) =>
    `<gg:portForward proto="tcp"><gg:range start="${start}" to="${to}"/></gg:portForward>`;
  /** The guest has an address of its own choice. */
  const granted = '[host.metadata]\nkeys = ["address"]\n';
  const own = () => `<gg:address address="${web.address}"/>`;
  const start = (content: string) => lab.hook(web, 'started', { metadata: metadata(content) });

  test('count, and are closed at the stop', () => {
    lab.configure(granted);
    expect(start(own() + forward(8443, 443)).stderr).toContain('1 forward');
    expect(answers(8443)).toBe(true);
    expect(lab.guestgate('check').status).toBe(0);
    lab.end(web);
    expect(answers(8443)).toBe(false);
  });

  test('give way to those of the files, key by key', () => {
    lab.configure(`${granted}[guest.web]\nforward = ["8080:80"]\n`);
    expect(start(own() + forward(8443, 443)).stderr).toContain('1 forward');
    expect(answers(8080)).toBe(true);
    expect(answers(8443)).toBe(false);
  });

  test('do not count where the host says so', () => {
    lab.configure('[host]\nmetadata = false\n');
    start(own() + forward(8443, 443));
    expect(answers(8443)).toBe(false);
  });

  test('may not take what the host has reserved; files may', () => {
    lab.configure(`[host]\nreserved = ["22"]\n${granted}`);
    const refused = start(own() + forward(22, 22));
    expect(refused).toMatchObject({ status: 0, stdout: '' });
    expect(refused.stderr).toContain('22:22/tcp takes a port that [host] reserves');
    expect(lab.fetch('client', publicAddress, 22)).toContain('refused');
    lab.configure(`[host]\nreserved = ["22"]\n[guest.web]\naddress = "${web.address}"\nforward = ["22"]\n`);
    lab.hook(web, 'started');
    expect(answers(22)).toBe(true);
  });

  test('that are wrong are reported, and the guest starts', () => {
    lab.configure(granted);
    const ran = start(`${own()}<gg:portForwards/>`);
    expect(ran).toMatchObject({ status: 0, stdout: '' });
    expect(ran.stderr).toContain('did you mean "portForward"?');
  });

  test('survive a replay', () => {
    lab.configure(granted);
    start(own() + forward(8443, 443));
    lab.host.sh('nft flush ruleset; rm -rf /run/guestgate');
    lab.guestgate('replay');
    expect(answers(8443)).toBe(true);
  });
});

describe('files', () => {
  test('in guests.d count too, and a guest may be named by its UUID', () => {
    lab.configure('');
    lab.host.write(
      '/etc/guestgate/guests.d/web.toml',
      `[guest."${web.uuid}"]\naddress = "${web.address}"\nforward = ["8080:80"]\n`,
    );
    lab.hook(web, 'started');
    expect(answers()).toBe(true);
    lab.host.sh('rm /etc/guestgate/guests.d/web.toml');
  });

  test.each([
    ['can be written by others', 'chmod 666'],
    ['belongs to another user', 'chown 1000'],
  ])('one that %s is refused', (_, command) => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    lab.host.sh(`${command} /etc/guestgate/guestgate.toml`);
    const ran = lab.hook(web, 'started');
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('/etc/guestgate/guestgate.toml');
    expect(answers()).toBe(false);
    lab.host.sh('chmod 644 /etc/guestgate/guestgate.toml; chown 0 /etc/guestgate/guestgate.toml');
  });
});
