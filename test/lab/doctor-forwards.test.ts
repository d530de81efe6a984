import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * Faults that are in no list of doctor's: it asks `explain` about each forward from each side, guests whether they answer,
 * and connection tracking whom they did not answer. Each is planted, named in one run, and taken away.
 */

const { test, lab, web } = labTest({ guests: ['web', 'other'] });
test.beforeAll(() => {
  lab.configure(policy);
  libvirtRules[0]?.load(lab);
  lab.hook(web, 'started');
  lab.host.sh(inGuest('ip route replace default via 192.168.122.1'));
});

const policy = `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "5353:53/udp"]\n`;
const inGuest = (command: string) => `ip netns exec guest1 ${command}`;
const reconfigure = (forward: string, address: string = web.address) =>
  `cp /etc/guestgate/guestgate.toml /tmp/policy; sed -i 's/^address.*/address = "${address}"/; s|^forward.*|forward = [${forward}]|' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null`;
const back = 'cp /tmp/policy /etc/guestgate/guestgate.toml; guestgate apply >/dev/null';
const chain = (table: string, name: string, hook: string, rule: string) =>
  `nft '${table} { chain ${name} { type filter hook ${hook}; ${rule}; }; }'`;
const docker =
  'iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80';

interface Planted {
  readonly fault: string;
  readonly break: string;
  /** Lines of the findings, without the spaces before them. */
  readonly says: readonly RegExp[];
  readonly after: string;
}

const all = String.raw`\*:8080/tcp, \*:5353/udp of guest "web"`;
const planted: readonly Planted[] = [
  {
    fault: 'a drop in a raw prerouting chain of nftables',
    break: chain('table ip x', 'pre', 'prerouting priority raw', 'tcp dport 8080 drop'),
    says: [
      /^- chain ip x pre: it drops connections from outside \(eth0\) .* to \*:8080\/tcp/,
      /^tcp dport 8080 drop$/,
    ],
    after: 'nft delete table ip x',
  },
  {
    fault: 'a drop in raw PREROUTING of iptables, from outside alone',
    break: 'iptables -t raw -A PREROUTING -i eth0 -p tcp --dport 8080 -j DROP',
    says: [
      /^- iptables raw PREROUTING: it drops connections from outside \(eth0\) to/,
      /^-A PREROUTING -i eth0 /,
    ],
    after: 'iptables -t raw -F',
  },
  {
    fault: 'a table of the name that iptables uses, in another family',
    break: chain('table inet filter', 'forward', 'forward priority 0', 'policy drop'),
    says: [
      /^All forwards blocked:$/,
      new RegExp(`^- chain inet filter forward: .* to ${all} \\(its policy\\)`),
    ],
    after: 'nft delete table inet filter',
  },
  {
    fault: 'two obstacles of one way',
    break: `${chain('table inet filter', 'forward', 'forward priority 0', 'policy drop')}; iptables -t mangle -A FORWARD -o virbr0 -p tcp --dport 80 -j DROP`,
    says: [/^- chain inet filter forward: /, /^- iptables mangle FORWARD: /],
    after: 'nft delete table inet filter; iptables -t mangle -D FORWARD -o virbr0 -p tcp --dport 80 -j DROP',
  },
  {
    fault: 'a strict rp_filter on a second uplink that no forward names',
    break:
      'ip link add eth9 type veth peer name eth9p; ip addr add 203.0.113.9/24 dev eth9; ip link set eth9 up; ip link set eth9p up; ip route add default via 203.0.113.1 dev eth9 metric 500; echo 1 >/proc/sys/net/ipv4/conf/eth9/rp_filter',
    says: [
      /^- rp_filter of eth9: it is 1 \(strict\)/,
      /^sysctl -w net\.ipv4\.conf\.eth9\.rp_filter=2$/,
      /^- .*distant clients that come in by eth9/,
    ],
    after: 'ip link del eth9',
  },
  {
    fault: 'forwarding is off for the uplink',
    break: 'echo 0 >/proc/sys/net/ipv4/conf/eth0/forwarding',
    says: [/^- forwarding of eth0: it is 0/, /^sysctl -w net\.ipv4\.conf\.eth0\.forwarding=1$/],
    after: 'echo 1 >/proc/sys/net/ipv4/conf/eth0/forwarding',
  },
  {
    fault: 'a rule excepts the port from connection tracking',
    break: 'iptables -t raw -A PREROUTING -p tcp --dport 8080 -j CT --notrack',
    says: [/^- iptables raw PREROUTING: it excepts connections .* from connection tracking/],
    after: 'iptables -t raw -F',
  },
  {
    fault: "an administrator's old rule translates the same port",
    break:
      'iptables -t nat -I PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.168.122.42:80; guestgate replay >/dev/null',
    says: [
      /^- iptables nat PREROUTING: a rule translates the same connections/,
      /^iptables -t nat -D PREROUTING /,
    ],
    after: 'iptables -t nat -D PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.168.122.42:80',
  },
  {
    fault: 'a container of Docker has the port',
    break: `iptables -t nat -N DOCKER; ${docker}; guestgate replay >/dev/null`,
    says: [/^- iptables nat PREROUTING: a rule of Docker translates the same connections/, /^docker ps$/],
    after: `${docker.replaceAll(' -A ', ' -D ')}; iptables -t nat -X DOCKER`,
  },
  {
    fault: 'a route that drops, and no word about the guest, which cannot be asked',
    break: `ip route add blackhole ${web.address}/32`,
    says: [/^- 192\.168\.122\.41: this host has no route to it/],
    after: `ip route del blackhole ${web.address}/32`,
  },
  {
    fault: 'the bridge is down, for which the default route takes what is for guests',
    break: 'ip link set virbr0 down',
    says: [/^- bridge virbr0: it is down/, /^ip link set dev virbr0 up$/],
    after: 'ip link set virbr0 up',
  },
  {
    fault: 'guests alone are dropped',
    break: chain('table inet x', 'pre', 'prerouting priority -200', 'iifname virbr0 tcp dport 8080 drop'),
    says: [/^Warnings:$/, /^- chain inet x pre: it drops connections from guests \(virbr0\) to/],
    after: 'nft delete table inet x',
  },
  {
    // The limit is that of the machine: a file in its place stands for a small one.
    fault: 'the table of connections is full',
    break: `ip netns exec client bash -c 'echo >/dev/udp/${publicAddress}/5353'; echo 1 >/tmp/most; mount --bind /tmp/most /proc/sys/net/netfilter/nf_conntrack_max`,
    says: [
      /^All forwards blocked:$/,
      /^- connection tracking: it holds \d+ of at most 1 connections: when it is full, the kernel drops new ones$/,
      /^sysctl -w net\.netfilter\.nf_conntrack_max=2$/,
    ],
    after: 'umount /proc/sys/net/netfilter/nf_conntrack_max',
  },
  {
    fault: 'the guest has no default route',
    break: inGuest('ip route del default'),
    says: [
      /^- qemu guest "web": .*:80\/tcp answers the host's address on its own network, and not 198\.51\.100\.1/,
    ],
    after: inGuest('ip route add default via 192.168.122.1'),
  },
  {
    fault: 'the guest has another address than its forward of UDP',
    break: reconfigure('"5353:53/udp"', '192.168.122.99'),
    says: [/^- qemu guest "web": 192\.168\.122\.99:53\/udp is not reachable from the host/],
    after: back,
  },
  {
    fault: 'a file that is not read',
    break:
      'mkdir -p /etc/guestgate/guests.d; echo >/etc/guestgate/guests.d/a.conf; echo >/etc/guestgate/guests.d/b.toml.bak',
    says: [/^- \/etc\/guestgate\/guests\.d\/a\.conf: is not read/, /^mv \S+a\.conf \S+a\.toml$/],
    after: 'rm -r /etc/guestgate/guests.d',
  },
];

describe('it names what is broken, and nothing else', () => {
  test.each(someOf(planted, 8))('$fault', ({ break: plant, says, after }) => {
    lab.host.sh(plant);
    const { stdout, status } = lab.guestgate('doctor');
    lab.host.sh(after);
    expect(status).toBe(1);
    const lines = stdout.split('\n').map((line) => line.trim());
    for (const one of says) expect(lines).toContainEqual(expect.stringMatching(one));
    const expected = says.filter(({ source }) => source.startsWith('^- ')).length;
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(expected);
  });
});

test('connections that the guest left without an answer', () => {
  lab.host.sh(
    inGuest(
      "nft 'table inet own { chain input { type filter hook input priority 0; udp dport 53 drop; }; }'",
    ),
  );
  expect(lab.ask('client', publicAddress, 5353)).toBe('');
  expect(lab.guestgate('doctor').stdout).toMatch(
    /qemu guest "web": 192\.168\.122\.41:53\/udp has not answered 198\.51\.100\.2, whose packets this host passed on/,
  );
  lab.host.sh(inGuest('nft delete table inet own'));
});

test('a mistake is the only finding, and no replay is advised that does not help', () => {
  lab.host.sh(
    'cp /etc/guestgate/guestgate.toml /tmp/policy; sed -i s/^address/addres/ /etc/guestgate/guestgate.toml',
  );
  lab.end(web);
  lab.hook(web, 'started');
  const doctor = lab.guestgate('doctor');
  const apply = lab.guestgate('apply');
  lab.host.sh(back);
  lab.hook(web, 'started');
  expect(doctor.stdout).toMatch(
    /^Some forwards blocked:\n- \/etc\/guestgate\/guestgate\.toml:\d+: unknown key "addres".*\n {4}guestgate check {3}# after an edit of the file\n$/,
  );
  expect(apply.stdout).toBe('');
  expect(apply.stderr).toMatch(/^guestgate: qemu guest "web": .*unknown key "addres"/);
});

test('explain says that forwarding is off, and check leads to doctor', () => {
  lab.host.sh('echo 0 >/proc/sys/net/ipv4/ip_forward');
  const explained = lab.guestgate('explain', `${publicAddress}:8080`);
  const checked = lab.guestgate('check');
  lab.host.sh('echo 1 >/proc/sys/net/ipv4/ip_forward');
  expect(explained.stdout).toMatch(/Dropped in routing, by forwarding is off in the kernel/);
  expect(checked).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('(guestgate doctor)'),
  });
});

test("rules of nftables' own in a chain of iptables' filter table hide none of the others from explain and check", () => {
  lab.host.sh(
    `iptables -P FORWARD DROP; nft 'add chain ip filter ts-forward; add rule ip filter ts-forward ct mark 5 ip saddr . ip daddr { 192.0.2.1 . 192.0.2.2 } accept; add rule ip filter FORWARD jump ts-forward'`,
  );
  const explained = lab.guestgate('explain', `${publicAddress}:8080`);
  const checked = lab.guestgate('check');
  const answer = lab.fetch('client', publicAddress, 8080);
  lab.host.sh(
    'nft flush chain ip filter ts-forward; iptables -D FORWARD -j ts-forward; nft delete chain ip filter ts-forward; iptables -P FORWARD ACCEPT',
  );
  expect(answer).toBe('hello from guest1, you are 198.51.100.2');
  expect(explained.stdout).toContain('Forwarded to 192.168.122.41:80');
  expect(checked).toMatchObject({ status: 0, stderr: '' });
});

test('a reader that has enough is no bug', () => {
  const ran = lab.host.run('bash', ['-c', 'for _ in 1 2 3; do guestgate check | true; done'], {
    mayFail: true,
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
});
