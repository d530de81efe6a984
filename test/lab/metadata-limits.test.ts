import { beforeEach, describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { defaultNetworkXml } from '../support/lab-xml.ts';

/** Metadata is the word of the person who defines guests, who need not be the administrator. */
const { test, lab, tenant, victim } = labTest({ guests: ['tenant', 'victim'] });
const own = tenant.address;
const neighbour = '192.168.122.42';

beforeEach(() => {
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate /run/libvirt/qemu');
  const reserved = `<host mac='${tenant.mac}' ip='${own}'/>`;
  lab.host.write(
    '/run/libvirt/network/default.xml',
    defaultNetworkXml.replace('<range ', `${reserved}<range `),
  );
  lab.configure('');
});

const forward = (ports: string, attributes = '') =>
  `<gg:portForward ${attributes}><gg:range ${ports}/></gg:portForward>`;
const start = (content: string) =>
  lab.hook(tenant, 'started', { metadata: `<gg:guest xmlns:gg="urn:guestgate:1">${content}</gg:guest>` });
const answers = (port: number, address = publicAddress) =>
  lab.fetch('client', address, port).includes('hello from guest1');

describe('without a grant, metadata', () => {
  test('forwards a free port of the host to the own address of the guest', () => {
    expect(start(forward('start="8080" to="80"')).stderr).toContain(`1 forward to ${own}`);
    expect(start(forward('start="8081" to="80"', `address="${publicAddress}"`)).stderr).toContain(
      '1 forward',
    );
    expect(answers(8081)).toBe(true);
  });

  test.each([
    [
      "an address that is not the host's",
      forward('start="8080" to="80"', 'address="198.51.100.2"'),
      'addresses',
    ],
    ['the gateway', forward('start="53"', 'proto="udp" address="192.168.122.1"'), 'addresses'],
    ['the interface of the gateway', forward('start="53"', 'proto="udp" uplink="virbr0"'), 'addresses'],
    ['the port of ssh', forward('start="20" end="24"'), 'ports'],
    ['a whole address', `<gg:publicAddress address="${publicAddress}"/>`, 'keys'],
    ['another source address', `<gg:snat address="${publicAddress}"/>`, 'keys'],
    ['a neighbour', `<gg:address address="${neighbour}"/>`, 'keys'],
    ['a neighbour as target', forward(`start="8080" to="${neighbour}:80"`), 'keys'],
    ['an open port', '<gg:open><gg:range start="80"/></gg:open>', 'keys'],
    ["a neighbour's port", `<gg:open address="${neighbour}"><gg:range start="80"/></gg:open>`, 'keys'],
  ])('does not get %s', (_, content, key) => {
    const ran = start(content);
    expect(ran).toMatchObject({ status: 0, stdout: '' });
    expect(ran.stderr).toMatch(new RegExp(`to ${key}.* in \\[host\\.metadata\\]`));
    expect(lab.ruleset()).not.toMatch(new RegExp(`${own}|${neighbour}`));
  });
});

describe('files beat metadata', () => {
  const says = (address: string, port: number) => lab.fetch('client', address, port);
  const file = `[guest.victim]\naddress = "${victim.address}"\nforward = ["8080:80"]\npublic_address = "${secondAddress}"\n`;

  test('while the guest of the file does not run', () => {
    lab.configure(file);
    for (const at of [`address="${secondAddress}"`, '']) {
      const ran = start(forward('start="8080" to="80"', at));
      expect(ran.stderr).toContain('a file has it for guest "victim"');
    }
    expect(says(publicAddress, 8080)).not.toContain('hello');
    expect(says(secondAddress, 8080)).not.toContain('hello');
  });

  test('in the same event, where metadata was first; afterwards it does not get it back', () => {
    start(forward('start="8080" to="80"') + forward('start="8081" to="80"'));
    expect(answers(8080)).toBe(true);
    lab.configure(file);
    const started = lab.hook(victim, 'started');
    expect(started.stderr).not.toContain('taken');
    expect(says(publicAddress, 8080)).toContain('hello from guest2');
    expect(answers(8081)).toBe(true);
    expect(lab.guestgate('status').stdout).toMatch(
      /a file has it for guest "victim"|taken by qemu guest "victim", whose policy is in a file/,
    );
    lab.end(victim);
    expect(says(publicAddress, 8080)).not.toContain('hello');
    expect(answers(8081)).toBe(true);
  });
});

describe('an address that metadata leaves with is a claim', () => {
  const grants = `[host.metadata]\nkeys = ["snat", "public_address"]\naddresses = ["${secondAddress}"]\n`;
  const snat = `<gg:snat address="${secondAddress}"/>`;
  /** What the client sees a guest as. */
  const seenOf = (space: string) => lab.fetch(space, '198.51.100.2', 80);

  const startVictim = (content: string) =>
    lab.hook(victim, 'started', { metadata: `<gg:guest xmlns:gg="urn:guestgate:1">${content}</gg:guest>` });

  test('the first of two guests has it alone, whichever way it asks for it', () => {
    lab.serve('client', 'hello from client');
    lab.configure(`${grants}[guest.victim]\nmac = "${victim.mac}"\n`);
    lab.host.write('/var/lib/libvirt/dnsmasq/default.hostsfile', `${victim.mac},${victim.address}\n`);
    for (const first of [`<gg:publicAddress address="${secondAddress}"/>`, snat]) {
      start(first);
      expect(seenOf('guest1')).toContain(`you are ${secondAddress}`);
      expect(startVictim(snat).stderr).toContain(`address ${secondAddress} is taken by qemu guest "tenant"`);
      expect(seenOf('guest2')).not.toContain(secondAddress);
      lab.end(tenant);
      lab.end(victim);
    }
  });

  test('a guest whose file gives it the address gets it in its own event', () => {
    lab.configure(grants);
    start(snat);
    const inFile = `[guest.victim]\naddress = "${victim.address}"\npublic_address = "${secondAddress}"\n`;
    lab.configure(`${grants}${inFile}`);
    expect(lab.hook(victim, 'started').stderr).not.toContain('taken');
    expect(seenOf('guest1')).not.toContain(secondAddress);
    expect(seenOf('guest2')).toContain(`you are ${secondAddress}`);
    expect(lab.guestgate('check').stdout).not.toMatch(/missing|stale|unexpected/);
  });
});

describe("a guest's address is a claim", () => {
  const open = `<gg:open address="${victim.address}"><gg:range start="80"/></gg:open>`;
  const grants = '[host.metadata]\nkeys = ["address", "open"]\n';
  const policy = `${grants}[guest.victim]\nforward = ["8080:80"]\n`;
  const lease = () =>
    lab.host.write('/var/lib/libvirt/dnsmasq/default.hostsfile', `${victim.mac},${victim.address}\n`);

  test('of the guest that has it, first or by its file', () => {
    lease();
    lab.configure(policy);
    lab.hook(victim, 'started');
    expect(start(open).stderr).toContain(
      `guest address ${victim.address} is taken by qemu guest "victim", which came first`,
    );
    lab.end(victim);
    expect(start(open).stderr).not.toContain('taken');
    expect(lab.hook(victim, 'started').stderr).not.toContain('taken');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
    expect(lab.guestgate('status').stdout).toMatch(
      new RegExp(`guest address ${victim.address} is taken by qemu guest "victim"`),
    );
    expect(lab.guestgate('check').stdout).not.toMatch(/missing|stale|unexpected/);
  });

  test('so what one asks for at the address of another makes no transaction of that one fail', () => {
    lease();
    // The same key with another value: the kernel would refuse the second one.
    const limited = `<gg:open address="${victim.address}" rate="5/second"><gg:range start="80"/></gg:open>`;
    lab.configure(`${policy}open = [{ port = 80, rate = "10/second" }]\n`);
    expect(start(limited).stderr).toContain('1 open port');
    const started = lab.hook(victim, 'started');
    expect(started.stderr).not.toMatch(/exists|taken/);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
    for (const operation of ['started', 'reconnect'] as const)
      expect(lab.hook(victim, operation).stderr).not.toMatch(/exists|No such/);
    lab.end(tenant);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
    expect(lab.guestgate('check').stdout).not.toMatch(/missing|stale|unexpected/);
  });
});
