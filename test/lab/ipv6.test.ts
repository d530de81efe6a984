import { describe, expect } from 'vitest';
import { libvirtRules6 } from '../support/foreign-rules.ts';
import {
  client,
  client6,
  type LabGuest,
  publicAddress,
  publicAddress6,
  secondAddress6,
  thirdAddress6,
} from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { bothFamiliesXml } from '../support/lab-xml.ts';
import { someOf } from '../support/thoroughness.ts';

const networkXml = `<hookData>${bothFamiliesXml.replace(/<\/?networkstatus>\n?/g, '')}</hookData>`;

/** One policy for a guest with an address of each family, though libvirt rejects new connections in both. */
const labs = libvirtRules6.map((rules) => ({
  ...labTest({ guests: ['web', 'mail', 'plain'], ipv6: true }),
  name: rules.name,
  rules,
}));
describe.each(someOf(labs, 1))("with libvirt's rules by $name", ({ rules, test, lab, web, mail }) => {
  let before: string;
  test.beforeAll(() => {
    lab.serve('client', 'hello from client');
    rules.load(lab);
    before = lab.ruleset();
    lab.configure(`
[guest.web]
address = "${web.address}"
forward = ["8080:80", "53/tcp+udp", "[${secondAddress6}]:8443:443", "0.0.0.0:8004:80", "[::]:8006:80"]
[guest.mail]
address = ["${mail.address}", "${mail.address6}"]
public_address = "${thirdAddress6}"
`);
  });

  test('before the start nothing gets through', () => {
    expect(lab.fetch('client', publicAddress6, 8080)).toContain('refused');
    expect(lab.fetch('client', web.address6, 80)).not.toContain('hello');
  });

  test('a forward reaches the guest in each family, over TCP and UDP', () => {
    const { stderr, status } = lab.hook(web, 'started');
    expect(stderr).toContain(`9 forwards to ${web.address} and ${web.address6} (`);
    expect(status).toBe(0);
    expect(lab.fetch('client', publicAddress6, 8080)).toBe(`hello from guest1, you are ${client6}`);
    expect(lab.fetch('client', publicAddress, 8080)).toBe(`hello from guest1, you are ${client}`);
    expect(lab.ask('client', publicAddress6, 53)).toBe(`hello from guest1, you are ${client6}`);
    expect(lab.ask('client', publicAddress, 53)).toBe(`hello from guest1, you are ${client}`);
  });

  test('one at an address exists there only, and any address may be of one family only', () => {
    expect(lab.fetch('client', secondAddress6, 8443)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress6, 8443)).toContain('refused');
    expect(lab.fetch('client', publicAddress6, 8006)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress, 8006)).toContain('refused');
    expect(lab.fetch('client', publicAddress, 8004)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress6, 8004)).toContain('refused');
  });

  test('a public address leads to the guest, whatever the protocol, and the guest leaves with it', () => {
    expect(lab.hook(mail, 'started').stderr).toContain(`1 public address to ${mail.address6}`);
    expect(lab.fetch('client', thirdAddress6, 80)).toBe(`hello from guest2, you are ${client6}`);
    expect(lab.ask('client', thirdAddress6, 53)).toBe(`hello from guest2, you are ${client6}`);
    expect(lab.pings('client', thirdAddress6)).toBe(true);
    expect(lab.fetch('guest2', client6, 80)).toBe(`hello from client, you are ${thirdAddress6}`);
    expect(lab.fetch('guest1', client6, 80)).toBe(`hello from client, you are ${publicAddress6}`);
  });

  test('from the inside by the public address: the host, another guest, the guest itself', () => {
    for (const from of ['host', 'guest3', 'guest1', 'guest2']) {
      expect(lab.fetch(from, publicAddress6, 8080)).toContain('hello from guest1');
      expect(lab.fetch(from, thirdAddress6, 80)).toContain('hello from guest2');
    }
    expect(lab.fetch('guest3', publicAddress6, 8080)).toContain('you are fd00:122::1');
  });

  test("the guests' network keeps the host's own address there", () => {
    expect(lab.fetch('guest3', 'fd00:122::1', 8080)).toContain('refused');
    expect(lab.fetch('host', '::1', 8080)).toContain('refused');
  });

  test('our accept is first, returns to the first place, and other programs can read their rules', () => {
    expect(rules.forward(lab)[0]).toMatch(rules.headRule);
    rules.reload(lab);
    expect(lab.fetch('client', publicAddress6, 8080)).not.toContain('hello');
    expect(lab.guestgate('check').stdout).toContain('accept rule is not first');
    expect(lab.networkHook('started', networkXml).status).toBe(0);
    expect(rules.forward(lab)[0]).toMatch(rules.headRule);
    expect(lab.fetch('client', publicAddress6, 8080)).toContain('hello from guest1');
    expect(lab.host.run(rules.list[0], rules.list.slice(1)).status).toBe(0);
  });

  test('check and status cover both tables', () => {
    expect(lab.guestgate('check')).toMatchObject({
      status: 0,
      stdout: 'Configuration, running guests and kernel agree.\n',
    });
    const { stdout } = lab.guestgate('status');
    expect(stdout).toMatch(/\[::\]:8080\/tcp -> \[fd00:122::41\]:80 +[1-9]/);
    expect(stdout).toMatch(/\*:8004\/tcp -> 192\.168\.122\.41:80 +1/);
    lab.host.sh('nft delete element ip6 guestgate forward_any { tcp . 8080 }');
    expect(lab.guestgate('check').stdout).toContain('forward_any { tcp . 8080 } is missing');
    lab.host.sh('nft delete table ip6 guestgate');
    expect(lab.guestgate('check').stdout).toContain('the ruleset has no table ip6 guestgate');
  });

  test('replay makes both again, whatever was lost', () => {
    for (const loss of [
      'nft delete table ip6 guestgate || true',
      'rm -r /run/guestgate',
      'nft flush ruleset',
    ]) {
      lab.host.sh(loss);
      if (loss === 'nft flush ruleset' && !rules.name.includes('legacy')) rules.load(lab);
      expect(lab.guestgate('replay').status).toBe(0);
      expect(lab.fetch('client', publicAddress6, 8080)).toContain('hello from guest1');
      expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
      expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    }
  });

  test("the guest's next event, or its network's, restores a deleted table", () => {
    for (const event of [() => lab.hook(web, 'reconnect'), () => lab.networkHook('updated', networkXml)]) {
      lab.host.sh('nft delete table ip6 guestgate');
      expect(event().status).toBe(0);
      expect(lab.fetch('client', publicAddress6, 8080)).toContain('hello from guest1');
    }
  });

  test('after the stop nothing is left in either table, and after uninstall the ruleset is what it was', () => {
    lab.end(web);
    lab.end(mail);
    for (const table of ['ip guestgate', 'ip6 guestgate'])
      expect(lab.host.sh(`nft list table ${table}`)).not.toMatch(/web|mail/);
    expect(lab.fetch('client', publicAddress6, 8080)).toContain('refused');
    expect(lab.fetch('guest2', client6, 80)).toBe(`hello from client, you are ${publicAddress6}`);
    expect(lab.guestgate('uninstall').status).toBe(0);
    expect(lab.ruleset()).toBe(before);
  });
});

const both = labTest({ guests: ['web', 'mail'], ipv6: true, forwarding: 'DROP' });
describe('two families in one lab', () => {
  const { test, lab, web, mail } = both;
  const start = (guest: LabGuest, policies: string) => {
    lab.configure(policies);
    return lab.hook(guest, 'started').stderr;
  };
  const admitted = (port: number, address = publicAddress6, guest = 'guest1') =>
    lab.admitted(['2001:db8:1::2', '2001:db8:1::3'], address, port, guest);

  test('each network of a list counts in its family', () => {
    start(
      web,
      `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\nallow_from = ["2001:db8:1::3", "198.51.100.0/24"]\n`,
    );
    expect(admitted(8080)).toEqual(['2001:db8:1::3']);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  });

  test('a list without networks of a family closes it', () => {
    start(
      web,
      `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\nallow_from = ["0.0.0.0/0"]\n`,
    );
    expect(admitted(8080)).toEqual([]);
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
    start(web, `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\nallow_from = ["::/0"]\n`);
    expect(admitted(8080)).toHaveLength(2);
    expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  });

  test('a public address in IPv6 has sources, too', () => {
    start(
      mail,
      `[guest.mail]\naddress = "${mail.address6}"\npublic_address = "${thirdAddress6}"\nallow_from = ["2001:db8:1::3"]\n`,
    );
    expect(admitted(80, thirdAddress6, 'guest2')).toEqual(['2001:db8:1::3']);
    lab.end(mail);
  });

  test('a public address that is on no interface, but routed to the host', () => {
    lab.host.sh(`ip -n client route add 2001:db8:77::/64 via ${publicAddress6}`);
    lab.serve('client', 'hello from client');
    start(
      mail,
      `[guest.mail]\naddress = "${mail.address6}"\npublic_address = ["2001:db8:77::1", "2001:db8:77::2"]\n`,
    );
    for (const address of ['2001:db8:77::1', '2001:db8:77::2'])
      expect(lab.fetch('client', address, 80)).toContain('hello from guest2');
    expect(lab.fetch('guest2', client6, 80)).toBe('hello from client, you are 2001:db8:77::1');
    lab.end(mail);
  });

  test('the same port in different families is no conflict; in the same family it is', () => {
    const policies = `
[guest.web]
address = "${web.address}"
forward = ["0.0.0.0:8080:80", "[::]:8081:80"]
[guest.mail]
address = ["${mail.address}", "${mail.address6}"]
forward = ["[::]:8080:80", "[${secondAddress6}]:8081:80", "0.0.0.0:8081:80"]
`;
    start(web, policies);
    expect(start(mail, policies)).toContain(
      `2 forwards to ${mail.address} and ${mail.address6}; but [${secondAddress6}]:8081/tcp is taken by qemu guest "web"`,
    );
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress6, 8080)).toContain('hello from guest2');
    expect(lab.fetch('client', publicAddress6, 8081)).toContain('hello from guest1');
    expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest2');
    expect(lab.guestgate('check').stdout).toContain('is taken by');
    lab.end(mail);
  });

  test('a forward at an IPv6 address of a guest without one is reported, with where guestgate looked', () => {
    const policy = `[guest.mail]\naddress = "${mail.address}"\nforward = ["8082:80", "[${publicAddress6}]:8083:80"]\n`;
    const said = start(mail, policy);
    expect(said).toContain('1 forward to 192.168.122.42; but its IPv6 address is not known: the domain XML');
    expect(said).toContain('/var/lib/libvirt/dnsmasq/virbr0.status');
    expect(lab.fetch('client', publicAddress, 8082)).toContain('hello from guest2');
    expect(start(mail, policy.replace(/, "\[[^\]]*\]:8083:80"/, ''))).toMatch(
      /started: 1 forward to 192.168.122.42 \(/,
    );
  });

  test('a lease of IPv6 is found, kept while it is unknown, and removed with the guest', () => {
    const policy = `[guest.mail]\naddress = "${mail.address}"\nforward = ["8082:80"]\n`;
    const lease = { 'ip-address': mail.address6, 'mac-address': mail.mac, 'expiry-time': 4_000_000_000 };
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', JSON.stringify([lease]));
    expect(start(mail, policy)).toContain(`2 forwards to ${mail.address} and ${mail.address6}`);
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', '');
    lab.hook(mail, 'reconnect');
    expect(lab.guestgate('replay').status).toBe(0);
    expect(lab.fetch('client', publicAddress6, 8082)).toContain('hello from guest2');
    expect(lab.guestgate('check').status).toBe(0);
    lab.end(mail);
    expect(lab.fetch('client', publicAddress6, 8082)).toContain('refused');
  });

  test('an address that the policy no longer gives is given up', () => {
    const policy = (addresses: string) => `[guest.mail]\naddress = [${addresses}]\nforward = ["8082:80"]\n`;
    start(mail, policy(`"${mail.address}", "${mail.address6}"`));
    expect(lab.fetch('client', publicAddress6, 8082)).toContain('hello from guest2');
    start(mail, policy(`"${mail.address}"`));
    expect(lab.fetch('client', publicAddress6, 8082)).toContain('refused');
    lab.end(mail);
  });

  test('a network that gets IPv6 while its guests run leaves the host its address there', () => {
    lab.networkHook('started');
    start(web, `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    expect(lab.networkHook('updated', networkXml)).toMatchObject({ status: 0, stderr: '' });
    expect(lab.fetch('guest2', 'fd00:122::1', 8080)).toContain('refused');
    expect(lab.guestgate('check').status).toBe(0);
  });

  test.each(['0', '1'])('a guest reaches itself and others with bridge-nf-call-ip6tables=%s', (setting) => {
    lab.host.sh(
      `cd /proc/sys/net/bridge; echo ${setting} >bridge-nf-call-ip6tables; echo 0 >bridge-nf-call-iptables`,
    );
    lab.end(web);
    start(web, `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    expect(lab.fetch('guest1', publicAddress6, 8080)).toContain('hello from guest1');
    expect(lab.fetch('guest2', publicAddress6, 8080)).toContain('hello from guest1');
    expect(lab.fetch('guest1', publicAddress, 8080)).toContain('hello from guest1');
    expect(lab.host.sh('cat /sys/class/net/vnet1/brport/hairpin_mode')).toBe(`${setting}\n`);
  });

  test('plan shows both', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8081:80"]\n`);
    const { stdout } = lab.guestgate('plan', 'web');
    expect(stdout).toContain('# [::]:8081/tcp -> [fd00:122::41]:80');
    expect(stdout).toContain(
      'add element ip6 guestgate forward_any { tcp . 8081 comment "web" : fd00:122::41 . 80 }',
    );
  });
});

const { test: testInIpv4, web } = ownLabTest({ guests: ['web'] });

testInIpv4('where a guest has only IPv4, nothing is made of IPv6, and nobody looks there', ({ lab }) => {
  lab.host.sh('ip6tables -P FORWARD DROP; ip6tables -A FORWARD -j DROP');
  const before = lab.host.sh('nft -s list table ip6 filter');
  lab.host.write('/usr/local/sbin/nft', '#!/bin/sh\necho "$@" >>/tmp/asked\nexec /usr/sbin/nft "$@"\n');
  lab.host.sh('chmod +x /usr/local/sbin/nft');
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  expect(lab.hook(web, 'started').stderr).toContain('1 forward to');
  lab.networkHook('started');
  lab.hook(web, 'reconnect');
  expect(lab.host.read('/tmp/asked')).not.toContain('ip6');
  expect(lab.host.sh('nft list tables')).not.toContain('ip6 guestgate');
  expect(lab.host.sh('nft -s list table ip6 filter')).toBe(before);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

testInIpv4('a host without IPv6 goes without, and a wish for it is told', ({ lab }) => {
  // Where the kernel has none, the file is missing: here the hook sees a folder without it.
  lab.host.sh(
    'mkdir /tmp/net; for f in /proc/net/*; do n=$(basename $f); [ $n = if_inet6 ] || cat $f >/tmp/net/$n 2>/dev/null || true; done',
  );
  const hidden = (operation: string) =>
    lab.host.run(
      'unshare',
      [
        '-m',
        'sh',
        '-ec',
        `mount --bind /tmp/net /proc/$$/net; exec /etc/libvirt/hooks/qemu web ${operation} begin -`,
      ],
      {
        input: lab.xml(web, operation),
        mayFail: true,
      },
    );
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "[2001:db8::1]:8081:80"]\n`);
  expect(hidden('started').stderr).toContain(
    '1 forward to 192.168.122.41; but its IPv6 address is not known: this host has no IPv6',
  );
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  expect(lab.host.sh('nft list tables')).not.toContain('ip6');
});
