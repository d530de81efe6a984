import { describe, expect } from 'vitest';
import { Connection } from '../support/connection.ts';
import { client, client6, type Lab, publicAddress, publicAddress6 } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';
import { readRepository } from '../support/repository.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/*
 * `guestgate rescue` on hosts whose rules are a mess: what other programs left, recorded, two and three of them at once, with
 * policies that drop. Before: something does not work. In the rescue: all that has to. After it: the same rules, byte by byte.
 */

const { test, web } = ownLabTest({ guests: ['web'], ipv6: true });

type Load = (lab: Lab) => void;
const recorded =
  (name: string, variant = 'nft'): Load =>
  ({ host }) => {
    const input = readRepository(`test/contract/rules/${name}.txt`);
    host.run(`iptables-${variant}-restore`, ['--noflush'], { input });
  };
const shorewall: Load = ({ host }) => {
  const input = readRepository('test/lab/rules/shorewall.txt');
  host.run('iptables-nft-restore', [], { input });
};
const libvirt =
  (variant: string): Load =>
  ({ host }) => {
    for (const iptables of ['iptables', 'ip6tables']) {
      const input = readRepository(`test/lab/rules/libvirt-${iptables}.txt`);
      host.run(`${iptables}-${variant}-restore`, ['--noflush'], { input });
    }
  };
const script =
  (text: string): Load =>
  ({ host }) =>
    void host.sh(text);
const policies = (variant: string) =>
  script(
    ['iptables', 'ip6tables']
      .flatMap((iptables) => ['INPUT', 'FORWARD'].map((chain) => `${iptables}-${variant} -P ${chain} DROP`))
      .join('\n'),
  );
const nativeFilters = script(`nft -f - <<'X'
table inet filter {
  set banned { type ipv4_addr; flags timeout; elements = { 192.0.2.7 timeout 1d }; }
  chain input { type filter hook input priority filter; policy drop; iif lo accept; ip saddr @banned drop; tcp dport 22 accept; }
  chain forward { type filter hook forward priority filter; policy drop; ct state established accept; }
  chain output { type filter hook output priority filter; policy accept; tcp dport 6667 reject; }
}
table bridge filter { chain forward { type filter hook forward priority filter; policy drop; ether type arp accept; }; }
table arp filter { chain input { type filter hook input priority filter; policy accept; arp operation reply accept; }; }
table inet asleep { flags dormant; chain input { type filter hook input priority filter; policy drop; }; }
X`);

const hosts: readonly (readonly [name: string, ...loads: Load[]])[] = [
  ['Docker', recorded('docker'), policies('nft')],
  ['ufw', recorded('ufw'), policies('nft')],
  [
    'firewalld',
    recorded('firewalld'),
    script('iptables-nft -A INPUT -j REJECT; ip6tables-nft -A FORWARD -j REJECT'),
  ],
  ['Shorewall', shorewall, script('ip6tables-nft -P FORWARD DROP')],
  ['fail2ban and policies that drop', recorded('fail2ban'), policies('nft')],
  ['kube-proxy and libvirt', recorded('kube-proxy'), libvirt('nft')],
  ['Docker and ufw', recorded('docker'), recorded('ufw'), policies('nft')],
  ['libvirt and policies of iptables-legacy', libvirt('legacy'), policies('legacy')],
  [
    'native filters of nftables, and no forwarding',
    nativeFilters,
    script('echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'),
  ],
  [
    'everything, in both variants',
    nativeFilters,
    recorded('docker'),
    recorded('ufw', 'legacy'),
    recorded('fail2ban'),
    libvirt('nft'),
    policies('legacy'),
  ],
];

/** What works, by name. */
function working(lab: Lab): string[] {
  // While a rule drops the answers of neighbours, the kernel pauses a second before it asks again.
  lab.host.sh('ip -6 neigh flush nud all; for n in client guest1; do ip -n $n -6 neigh flush nud all; done');
  const asked = {
    client: {
      'client to guest': { address: publicAddress, port: 8080 },
      'client to guest, IPv6': { address: publicAddress6, port: 8080 },
      'ssh to the host': { address: publicAddress, port: 22 },
      'ssh to the host, IPv6': { address: publicAddress6, port: 22 },
      'another service of the host': { address: publicAddress, port: 443 },
    },
    guest1: {
      'guest to outside': { address: client, port: 80 },
      'guest to outside, IPv6': { address: client6, port: 80 },
      'guest to DNS of the host': { address: '192.168.122.1', port: 53, over: 'udp' },
      'guest to another service of the host': { address: '192.168.122.1', port: 443 },
    },
  } as const;
  const answered = Object.entries(asked).flatMap(([from, probes]) => {
    const answers = lab.probe(from, Object.values(probes));
    return Object.keys(probes).filter((_, at) => answers[at]?.includes('hello') === true);
  });
  return [...answered, ...(lab.pings('client', publicAddress) ? ['ping of the host'] : [])];
}

const rescued = [
  'client to guest',
  'client to guest, IPv6',
  'ssh to the host',
  'ssh to the host, IPv6',
  'guest to outside',
  'guest to outside, IPv6',
  'guest to DNS of the host',
  'ping of the host',
];

function start(lab: Lab, ...loads: readonly Load[]): void {
  lab.serve('host', 'hello from host');
  lab.serve('client', 'hello from client');
  lab.configure(`[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nforward = ["8080:80"]\n`);
  lab.hook(web, 'started');
  for (const load of loads) load(lab);
}

/** It refuses what puts tables to sleep, and nothing else: what iptables-legacy has to do is done by then. */
const breakingNft = `#!/bin/sh
if [ "$1 $2" = "-f -" ]; then
  input=$(cat)
  case $input in *dormant*) echo "no sleep here" >&2; exit 1;; esac
  printf '%s\\n' "$input" | exec /usr/sbin/nft -f -
fi
exec /usr/sbin/nft "$@"
`;

/** They kill guestgate at a step of the rescue: its rules are there in part, or whole, and nothing has said so yet. */
const nftThen = (before: string, after: string) => `#!/bin/sh
if [ "$1 $2" = "-f -" ]; then
  input=$(cat)
  case $input in *dormant*) ${before};; esac
  printf '%s\\n' "$input" | /usr/sbin/nft -f - || exit
  case $input in *dormant*) ${after};; esac
  exit 0
fi
exec /usr/sbin/nft "$@"
`;
const killers = [
  ['before the tables of nft sleep', 'nft', nftThen('kill -9 $PPID; exit 1', ':')],
  ['when the tables of nft sleep', 'nft', nftThen(':', 'kill -9 $PPID')],
  ['between two tables of iptables-legacy', 'ip6tables-legacy-restore', '#!/bin/sh\nkill -9 $PPID\n'],
  ['while it lists the rules', 'ip6tables-legacy-save', '#!/bin/sh\nkill -9 $PPID\n'],
] as const;

const settings = (lab: Lab) =>
  lab.host.sh(
    'cd /proc/sys/net; grep -s . ipv4/ip_forward ipv4/conf/*/forwarding ipv4/conf/all/accept_redirects ipv6/conf/*/forwarding ipv6/conf/*/accept_ra',
  );
const isPending = (lab: Lab) =>
  lab.host.run('test', ['-e', '/var/lib/guestgate/pending'], { mayFail: true }).status === 0;

describe('a mess works, and comes back byte by byte', () => {
  test.concurrent.for(someOf(hosts, 1))('%s', async ([, ...loads], { lab }) => {
    start(lab, ...loads);
    const before = { rules: lab.ruleset(), settings: settings(lab), working: working(lab) };
    expect(rescued.filter((one) => !before.working.includes(one)).length).toBeGreaterThan(0);
    const ran = lab.guestgate('rescue', '--confirm', '10min');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(working(lab)).toEqual(rescued);
    expect(lab.fetch('guest1', client, 80)).toContain(`you are ${publicAddress}`);
    expect(lab.guestgate('confirm').status).toBe(0);
    expect(lab.guestgate('rescue', '--undo')).toMatchObject({ status: 0, stderr: '' });
    expect(lab.ruleset()).toBe(before.rules);
    expect([settings(lab), working(lab)]).toEqual([before.settings, before.working]);
  });
});

describe('without a confirmation', () => {
  test('the rules come back when the time is over', async ({ lab }) => {
    start(lab, nativeFilters, libvirt('legacy'));
    const before = lab.ruleset();
    expect(lab.guestgate('rescue', '--confirm', '2s').stdout).toContain('put aside: nft table inet filter');
    await until('the rules are back', () => !isPending(lab));
    expect(lab.ruleset()).toBe(before);
    expect(lab.guestgate('rescue', '--undo')).toMatchObject({ status: 2 });
  });

  test('they come back if the process that waits is gone: the next event sees to it', async ({ lab }) => {
    start(lab, nativeFilters);
    const before = lab.ruleset();
    lab.guestgate('rescue', '--confirm', '1s');
    lab.host.sh('pid=$(cat /run/guestgate/roll-back); kill -STOP $pid; sleep 1.1; kill -9 $pid');
    lab.daemonHook('reload');
    await until('the rules are back', () => !isPending(lab));
    expect(lab.ruleset()).toBe(before);
  });

  test('a rescue that fails half-way leaves everything as it was', ({ lab }) => {
    start(lab, nativeFilters, libvirt('legacy'));
    const before = { rules: lab.ruleset(), settings: settings(lab) };
    lab.host.write('/usr/local/sbin/nft', breakingNft);
    lab.host.sh('chmod 755 /usr/local/sbin/nft');
    expect(lab.guestgate('rescue')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('putting the tables of nft aside'),
    });
    expect([lab.ruleset(), settings(lab), isPending(lab)]).toEqual([before.rules, before.settings, false]);
  });

  test.concurrent.for(someOf(killers, 2))(
    'killed %s, the rules come back',
    async ([, program, script], { lab }) => {
      start(lab, nativeFilters, libvirt('legacy'));
      const before = { rules: lab.ruleset(), settings: settings(lab) };
      lab.host.write(`/usr/local/sbin/${program}`, script);
      lab.host.sh(`chmod 755 /usr/local/sbin/${program}`);
      expect(lab.guestgate('rescue', '--confirm', '2s').status).not.toBe(0);
      lab.host.sh(`rm /usr/local/sbin/${program}`);
      expect(isPending(lab)).toBe(true);
      await until('the rules are back', () => !isPending(lab));
      expect([lab.ruleset(), settings(lab)]).toEqual([before.rules, before.settings]);
    },
  );

  test('without room on the disk, nothing is changed', ({ lab }) => {
    start(lab, nativeFilters, libvirt('legacy'));
    const before = lab.ruleset();
    lab.host.sh(
      'mkdir -p /var/lib/guestgate/rescue; mount -t tmpfs -o size=4k tmpfs /var/lib/guestgate/rescue',
    );
    expect(lab.guestgate('rescue')).toMatchObject({ status: 2, stderr: expect.stringContaining('no space') });
    expect([lab.ruleset(), isPending(lab)]).toEqual([before, false]);
  });

  test('after a reboot there is nothing to undo, and a new rescue can begin', ({ lab }) => {
    start(lab, nativeFilters);
    lab.guestgate('rescue', '--confirm', '10min');
    lab.guestgate('confirm');
    lab.host.sh(`sed -i 's/"boot":"[^"]*"/"boot":"of another boot"/' /var/lib/guestgate/rescue/saved.json`);
    expect(lab.guestgate('rescue', '--undo').stdout).toContain('nothing to undo');
    expect(lab.guestgate('rescue', '--undo').status).toBe(2);
  });
});

test('--dry-run changes nothing; a second rescue, and other changes, are refused; what was saved can be read by root alone', ({
  lab,
}) => {
  start(lab, nativeFilters, recorded('docker'));
  const before = lab.ruleset();
  expect(lab.guestgate('rescue', '--dry-run').stdout).toContain('put aside: nft table ip filter');
  expect(lab.ruleset()).toBe(before);
  lab.guestgate('rescue', '--confirm', '10min');
  expect(lab.guestgate('rescue').stderr).toContain('a rescue is in place already');
  expect(lab.guestgate('apply').stderr).toMatch(/another change waits/);
  const told = [
    'a rescue is in place',
    'nft table ip filter',
    'guestgate rescue --undo',
    'guestgate confirm',
  ];
  const doctor = lab.guestgate('doctor').stdout;
  for (const one of told) expect(doctor).toContain(one);
  expect(lab.host.sh('stat -c %a /var/lib/guestgate/rescue; ls /var/lib/guestgate/rescue')).toBe(
    '700\nip6tables-nft.txt\niptables-nft.txt\nruleset.nft\nsaved.json\nsettings.txt\n',
  );
  expect(lab.guestgate('confirm', '--roll-back').status).toBe(0);
  expect(lab.ruleset()).toBe(before);
});

test('ssh is never cut: neither a connection that exists, nor the port at which sshd listens', async ({
  lab,
}) => {
  start(lab, nativeFilters);
  lab.host.sh('nft add rule inet filter input tcp dport 2222 accept; cp /usr/bin/socat /tmp/sshd');
  lab.host.start('/tmp/sshd', ['TCP4-LISTEN:2222,fork,reuseaddr', 'EXEC:cat']);
  await until('sshd listens', () => lab.host.sh('ss -Hltn sport = :2222') !== '');
  const session = new Connection(lab.host, publicAddress, 2222);
  expect(await session.answers('before')).toBe(true);
  expect(lab.guestgate('rescue', '--confirm', '10min').stdout).toContain('ports 22, 2222, and ICMP');
  expect(await session.answers('during')).toBe(true);
  const second = new Connection(lab.host, publicAddress, 2222);
  expect(await second.answers('a new one')).toBe(true);
  lab.guestgate('rescue', '--undo');
  expect(await session.answers('after')).toBe(true);
  await Promise.all([session.end(), second.end()]);
});

test('guests start and stop during a rescue as usual', ({ lab }) => {
  start(lab, nativeFilters, policies('nft'));
  lab.guestgate('rescue', '--confirm', '10min');
  lab.end(web);
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  lab.hook(web, 'started');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
});

test('a table that only its own program can change stays, and is named, and the rescue takes place', async ({
  lab,
}) => {
  start(lab, nativeFilters);
  const owner = lab.host.start('nft', ['-i']);
  owner.stdin?.write('add table inet owned { flags owner; }\n');
  await until('the table is there', () => lab.ruleset().includes('table inet owned'));
  const before = lab.ruleset();
  expect(lab.guestgate('rescue')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('nft table inet owned stays: only nft, which made it, can change it'),
  });
  expect(working(lab)).toEqual(rescued);
  lab.guestgate('rescue', '--undo');
  expect(lab.ruleset()).toBe(before);
  owner.stdin?.end();
});

describe('with the iptables back end', () => {
  const loads = {
    'iptables-nft': [recorded('docker'), recorded('ufw'), nativeFilters, libvirt('legacy'), policies('nft')],
    'iptables-legacy': [
      recorded('ufw', 'legacy'),
      libvirt('legacy'),
      nativeFilters,
      policies('legacy'),
      recorded('fail2ban'),
    ],
  };
  test.concurrent.for(someOf(['iptables-nft', 'iptables-legacy'] as const, 1))(
    'the working set is made with it: %s',
    async (backend, { lab }) => {
      lab.useBackend(backend);
      start(lab, ...loads[backend]);
      const before = { rules: lab.ruleset(), settings: settings(lab), working: working(lab) };
      expect(rescued.filter((one) => !before.working.includes(one)).length).toBeGreaterThan(0);
      expect(lab.guestgate('rescue', '--confirm', '10min')).toMatchObject({ status: 0, stderr: '' });
      expect(working(lab)).toEqual(rescued);
      expect(lab.guestgate('rescue', '--undo')).toMatchObject({ status: 0, stderr: '' });
      expect(lab.ruleset()).toBe(before.rules);
      expect([settings(lab), working(lab)]).toEqual([before.settings, before.working]);
      // A guest's events write into the same tables.
      lab.guestgate('rescue', '--confirm', '10min');
      lab.end(web);
      expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
      lab.hook(web, 'started');
      expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
      expect(lab.guestgate('rescue', '--undo')).toMatchObject({ status: 0, stderr: '' });
      expect(lab.ruleset()).not.toMatch(/GG-RESCUE|guestgate_rescue/);
    },
  );
});

test('the watcher repairs nothing in the middle, and the rules come back under its eyes', async ({ lab }) => {
  start(lab, nativeFilters, recorded('docker'));
  lab.host.start('sh', ['-c', 'exec guestgate watch >/tmp/watch.log 2>&1']);
  // Docker came after the guest: the watcher adds its accept there, and has nothing left to do then.
  await until('the watcher runs', () => lab.ruleset().includes('jump GUESTGATE-FORWARD'));
  const before = lab.ruleset();
  lab.guestgate('rescue', '--confirm', '10min');
  const during = lab.ruleset();
  // What the watcher does to this table comes after what it does to the changes before it.
  lab.host.sh('nft flush table ip guestgate');
  await until('the watcher has repaired', () => lab.fetch('client', publicAddress, 8080).includes('hello'));
  expect(lab.ruleset()).toBe(during);
  lab.guestgate('rescue', '--undo');
  expect(lab.ruleset()).toBe(before);
});

test('what other programs do meanwhile stays, and undo names it', ({ lab }) => {
  start(lab, nativeFilters, recorded('docker'));
  lab.guestgate('rescue', '--confirm', '10min');
  lab.host.sh(
    'nft add rule inet filter output tcp dport 6668 reject; nft add table inet new; nft delete table arp filter',
  );
  const undone = lab.guestgate('rescue', '--undo');
  expect(undone.status).toBe(0);
  for (const change of ['inet filter was changed', 'inet new was made', 'arp filter was removed'])
    expect(undone.stderr).toContain(`nft table ${change} by another program`);
  expect(undone.stderr).not.toContain('ip filter');
});

test('uninstall brings the rules of others back first', ({ lab }) => {
  start(lab, nativeFilters, libvirt('legacy'));
  lab.guestgate('rescue', '--confirm', '10min');
  lab.guestgate('uninstall');
  expect(lab.host.sh('nft list table inet filter')).not.toContain('dormant');
  expect(lab.host.sh('iptables-legacy-save')).not.toMatch(/GG-RESCUE|GUESTGATE/);
});
