import { beforeEach, describe, expect } from 'vitest';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/* `[host.protect]`: what the host itself takes from others, with real packets; guests and the host's own connections are not concerned. */

const { test, lab, web } = labTest({ guests: ['web'], ipv6: true, forwarding: 'DROP' });
test.beforeAll(() => {
  lab.serve('host', 'hello from host');
});

const forwards = `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nforward = ["8080:80"]\n`;
const table = () => lab.host.sh('nft list table inet guestgate_host 2>/dev/null || true');
const protect = (keys: string) => {
  lab.configure(`${forwards}[host.protect]\n${keys}\n`);
  const ran = lab.guestgate('apply');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout;
};

beforeEach(() => {
  lab.configure(forwards);
  lab.hook(web, 'started');
  lab.guestgate('apply');
  expect(table()).toBe('');
});

describe.each([
  { name: 'IPv4', address: publicAddress, source: client, other: '198.51.100.3', network: '198.51.100.2/32' },
  {
    name: 'IPv6',
    address: publicAddress6,
    source: client6,
    other: '2001:db8:1::3',
    network: '2001:db8:1::2/128',
  },
])('$name', ({ name, address, source, other, network }) => {
  const ask = (port: number, from = source, over: 'tcp' | 'udp' = 'tcp') =>
    (over === 'tcp'
      ? lab.fetch('client', address, port, { source: from })
      : lab.ask('client', address, port)
    ).includes('hello from host');
  const isForwarded = () => lab.fetch('client', address, 8080).includes('hello from guest1');
  const answered = (size: number, count = 1) => {
    const shown = lab.host.sh(`busybox ping -c${count} -i0.01 -W1 -s${size} ${address} || true`, {
      in: 'client',
    });
    return Number(/(\d+) packets received/.exec(shown)?.[1]);
  };

  test('refused ports answer that they are refused, in tcp and udp; other ports and forwards do not change', () => {
    protect('reject = ["80/tcp", "53", "8080"]');
    expect([ask(80), ask(443), ask(22), ask(53, source, 'udp')]).toEqual([false, true, true, false]);
    expect(lab.fetch('client', address, 80)).toMatch(/refused/);
    expect(isForwarded()).toBe(true);
    expect(lab.fetch('host', address, 80)).toContain('hello from host');
  });

  test('ssh answers the sources that are named, and no family without any; existing connections continue', async () => {
    const at = address.includes(':')
      ? `TCP6:[${address}]:22,bind=[${source}]`
      : `TCP4:${address}:22,bind=${source}`;
    const held = lab.host.start('socat', ['-', at], { in: 'client' });
    let heard = '';
    held.stdout?.on('data', (data: Buffer) => {
      heard += String(data);
    });
    await until('the connection exists', () =>
      lab.host.sh('ss -Htn state established "dport = :22"', { in: 'client' }).includes(':22'),
    );
    protect(`ssh_from = ["${other}"]`);
    expect([ask(22), ask(22, other), ask(443)]).toEqual([false, true, true]);
    held.stdin?.end('GET /\n');
    await until('the connection that existed is answered', () => heard.includes('hello from host'));
    protect(`ssh_from = ["${name === 'IPv4' ? '2001:db8:ffff::/48' : '192.0.2.0/24'}"]`);
    expect([ask(22), ask(22, other)]).toEqual([false, false]);
    protect(`ssh_from = ["${network}"]\nssh_ports = ["443"]`);
    expect([ask(443), ask(443, other), ask(22, other)]).toEqual([true, false, true]);
  });

  test('echo requests: no larger than allowed, fragments included, and no more than the rate', () => {
    protect('ping_size = 1000');
    expect([answered(1000), answered(1001), answered(4000)]).toEqual([1, 0, 0]);
    protect('ping_size = 5000');
    expect([answered(56), answered(4000), answered(5100)]).toEqual([1, 1, 0]);
    // The burst is of 5: no test waits an hour for more.
    protect('ping_rate = "1/hour"');
    expect(answered(56, 9)).toBe(5);
    expect(ask(443)).toBe(true);
  });

  test('icmp = "needed" drops what can be done without, and nothing that paths, neighbours and errors need', () => {
    protect('icmp = "needed"');
    const dropped = () => Number(/counter packets (\d+)/.exec(table())?.[1]);
    const send = (types: readonly (readonly [type: number, code: number])[]) => {
      const [family, protocol, hops] = name === 'IPv4' ? ['AF_INET', 1, ''] : ['AF_INET6', 58, ''];
      const script = `use Socket; socket(S, ${family}, SOCK_RAW, ${protocol}) or die; ${hops}
        ($e, @a) = getaddrinfo('${address}', '', { family => ${family}, socktype => SOCK_RAW, protocol => ${protocol} }); die $e if $e;
        for (${types.map(([type, code]) => `[${type}, ${code}]`).join(', ')}) {
          $p = pack('CCn', $_->[0], $_->[1], 0) . ("\\0" x 40);
          $s = 0; $s += $_ for unpack('n*', $p); $s = ($s & 0xffff) + ($s >> 16); substr($p, 2, 2, pack('n', ~$s & 0xffff));
          send(S, $p, 0, $a[0]{addr}) or die $!;
        }`;
      lab.host.run('perl', ['-MSocket=:all', '-e', script], { in: 'client' });
    };
    send(
      name === 'IPv4'
        ? [
            [3, 4],
            [3, 1],
            [11, 0],
            [12, 0],
          ]
        : [
            [1, 4],
            [2, 0],
            [3, 0],
            [4, 1],
            [143, 0],
          ],
    );
    expect(dropped()).toBe(0);
    send(
      name === 'IPv4'
        ? [
            [13, 0],
            [5, 1],
          ]
        : [
            [137, 0],
            [139, 0],
          ],
    );
    expect(dropped()).toBe(2);
    lab.host.sh('ip neigh flush all; ip -6 neigh flush all');
    lab.host.sh('ip neigh flush all; ip -6 neigh flush all', { in: 'client' });
    expect([answered(56), ask(443), isForwarded()]).toEqual([1, true, true]);
  });
});

test('it is off without the table, and an empty table asks for nothing', () => {
  lab.configure(`${forwards}[host.protect]\n`);
  expect(lab.guestgate('apply').stdout).toContain('Nothing to change');
  expect(table()).toBe('');
});

test('apply says what changes, twice is once, and without the table of the configuration it is gone', () => {
  lab.configure(`${forwards}[host.protect]\nreject = ["25"]\n`);
  expect(lab.guestgate('apply', '--dry-run').stdout).toContain('the host: protected');
  expect(table()).toBe('');
  expect(lab.guestgate('check').stdout).toContain('[host.protect]: it is not in the kernel');
  expect(lab.guestgate('apply').stdout).toContain('the host: protected');
  expect(lab.guestgate('apply').stdout).toContain('Nothing to change');
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  lab.configure(forwards);
  expect(lab.guestgate('check').status).toBe(1);
  expect(lab.guestgate('apply').stdout).toContain('the host: protection removed');
  expect(lab.guestgate('check').status).toBe(0);
});

test('packets that are dropped are named in the log at a rate', () => {
  protect('reject = ["25"]\nlog = "10/minute"');
  expect(
    table().match(/limit rate 10\/minute burst 10 packets log prefix "guestgate refused: "/g),
  ).toHaveLength(2);
});

test('what another program takes away comes back with the next event, the replay, and after a reboot', () => {
  protect('reject = ["80/tcp"]');
  const made = table();
  const isRefused = () => lab.fetch('client', publicAddress, 80).includes('refused');
  lab.host.sh('nft flush ruleset');
  expect(lab.guestgate('check').stdout).toContain('the ruleset has no table inet guestgate_host');
  lab.daemonHook('reload');
  expect([table(), isRefused()]).toEqual([made, true]);
  lab.host.sh('nft flush chain inet guestgate_host input');
  expect(lab.guestgate('check').stdout).toContain('the rules of table inet guestgate_host were changed');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(table()).toBe(made);
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(table()).toBe(made);
  lab.host.sh('nft flush ruleset; rm -rf /run/guestgate');
  lab.daemonHook('start');
  expect(table()).toBe(made);
});

test('a mistake in the table is named with its line, and leaves the protection as it is', () => {
  protect('reject = ["80/tcp"]');
  const made = table();
  lab.configure(
    `${forwards}[host.protect]\nreject = ["http"]\nping_rate = "fast"\nssh_from = ["x"]\nfoo = 1\n`,
  );
  const { status, stdout, stderr } = lab.guestgate('check');
  expect(status).toBe(2);
  for (const text of [
    'invalid port "http"',
    'ping_rate: invalid rate "fast"',
    'invalid network "x"',
    'unknown key "foo"',
  ])
    expect(stdout + stderr).toMatch(new RegExp(`guestgate.toml:\\d+: .*${text}`));
  lab.guestgate('apply');
  expect(table()).toBe(made);
});

test('a protection that locks out is rolled back', () => {
  lab.configure(`${forwards}[host.protect]\nssh_from = ["192.0.2.1"]\n`);
  expect(lab.guestgate('apply', '--confirm', '10min').status).toBe(0);
  expect(lab.fetch('client', publicAddress, 22)).not.toContain('hello');
  lab.guestgate('confirm', '--roll-back');
  expect(lab.fetch('client', publicAddress, 22)).toContain('hello');
  expect(table()).toBe('');
});

test('beside the iptables back end it is the same table, and uninstall leaves nothing of it', () => {
  lab.host.sh('guestgate uninstall');
  const untouched = lab.ruleset();
  lab.reinstall();
  lab.useBackend('iptables-nft');
  protect('reject = ["80/tcp"]');
  expect(lab.fetch('client', publicAddress, 80)).toContain('refused');
  expect(lab.fetch('client', publicAddress6, 80)).toContain('refused');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  lab.host.sh('guestgate uninstall');
  expect(lab.ruleset()).toBe(untouched);
});
