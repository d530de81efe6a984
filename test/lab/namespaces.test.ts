import { afterEach, describe, expect } from 'vitest';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/*
 * `guestgate netns`: a namespace is made, published, used and removed, with real packets in both families. Nothing is forwarded on this
 * host but what guestgate admits.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ ipv6: true, forwarding: 'DROP', backend }),
}));

describe.each(labs)('with $backend', ({ test, lab }) => {
  let untouched: string;
  test.beforeAll(() => {
    untouched = lab.ruleset();
    lab.serve('client', 'hello from outside');
    lab.host.sh('echo "nameserver 198.51.100.2" >/etc/resolv.conf');
  });
  afterEach(() => {
    for (const name of names()) lab.guestgate('netns', 'del', name);
    lab.host.sh('rm -f /etc/guestgate/guests.d/*');
    lab.configure('');
  });
  const both = ['--address', '10.200.1.2/24', '--address', 'fd00:200::2/64'];
  const add = (name: string, ...more: readonly string[]) => lab.guestgate('netns', 'add', name, ...more);
  const list = () => JSON.parse(lab.guestgate('netns', 'list', '--json').stdout).namespaces;
  const names = (): string[] => list().map(({ name }: { name: string }) => name);
  const serve = (name: string) => lab.serve(name, `hello from ${name}`);
  const at = (port: number) =>
    lab.probe('client', [
      { address: publicAddress, port },
      { address: publicAddress6, port },
    ]);
  const links = () => lab.host.sh("ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort");
  const host = () => [
    links(),
    lab.host
      .sh('ip route show table all; ip -6 route show table all')
      .replaceAll(' linkdown', '')
      .split('\n')
      .sort()
      .join('\n'),
    lab.host.sh('ls /run/netns; ls -R /etc/netns 2>/dev/null || true'),
  ];

  test('add, publish, exec: the three commands of the manual, word for word', async () => {
    lab.guestgate('netns', 'add', 'web', '--address', '10.200.1.2/24');
    expect(lab.guestgate('publish', 'web', '8080:80').stdout).toContain('runs with 1 forward now');
    const server = lab.host.start('/usr/bin/guestgate', [
      ...[
        'netns',
        'exec',
        'web',
        '--',
        'python3',
        '-m',
        'http.server',
        '80',
        '--directory',
        '/etc/guestgate',
      ],
    ]);
    const fetch = () =>
      lab.host.run('curl', ['-s', '-m', '3', `http://${publicAddress}:8080/`], {
        in: 'client',
        mayFail: true,
      });
    await until('it answers', () => fetch().stdout.includes('guests.d'));
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    const ended = new Promise((resolve) => server.once('exit', resolve));
    lab.host.sh('pkill -TERM -f "^/usr/bin/guestgate netns exec web"');
    await ended;
    expect(lab.guestgate('netns', 'del', 'web').stdout).toContain('removed: 1 forward');
  });

  test('both families: forwards in, its own connections out with the address of the host, DNS of the host', () => {
    const before = host();
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    const made = add('web', ...both);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('2 forwards') });
    serve('web');
    expect(at(8080)).toEqual([`hello from web, you are ${client}`, `hello from web, you are ${client6}`]);
    expect(lab.fetch('host', publicAddress, 8080)).toContain('hello from web');
    expect(lab.fetch('web', publicAddress, 8080)).toContain('hello from web');
    const out = lab.probe('web', [
      { address: client, port: 80 },
      { address: client6, port: 80 },
    ]);
    expect(out[0]).toBe(`hello from outside, you are ${publicAddress}`);
    expect(out[1]).toMatch(/^hello from outside, you are 2001:db8:1::1[01]?$/);
    expect(lab.guestgate('netns', 'exec', 'web', '--', 'cat', '/etc/resolv.conf').stdout).toContain(
      'nameserver 198.51.100.2',
    );
    expect(list()).toMatchObject([{ name: 'web', state: 'complete', link: { kind: 'own' } }]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    expect(lab.guestgate('netns', 'del', 'web').status).toBe(0);
    expect(host()).toEqual(before);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    expect(lab.ruleset()).not.toContain('10.200.1.2');
    lab.guestgate('uninstall');
    lab.reinstall();
    expect(lab.ruleset()).toBe(untouched);
  });

  test('uninstall names what it leaves', () => {
    const before = host();
    expect(add('web', ...both).status).toBe(0);
    expect(lab.guestgate('uninstall').stdout).toContain(
      'kept network namespace web: to remove it, ip netns del web',
    );
    lab.host.sh('ip netns del web; rm -r /etc/netns/web');
    lab.reinstall();
    expect(host()).toEqual(before);
  });

  test('the same again changes nothing, other options are refused, a killed add is made again, del is idempotent', () => {
    const before = host();
    expect(add('web', ...both).status).toBe(0);
    serve('web');
    const inode = () => lab.host.sh('stat -Lc %i /run/netns/web');
    const first = inode();
    expect(add('web', ...both).status).toBe(0);
    expect(inode()).toBe(first);
    expect(add('web', '--address', '10.200.1.3/24')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('with other options'),
    });
    // As a command leaves it that is killed before the guest is declared, and before the links are complete.
    lab.host.sh('rm /run/guestgate/local/local-web.json; ip -n web link set eth0 down');
    expect(list()).toMatchObject([{ name: 'web', state: 'incomplete' }]);
    expect(add('web', ...both).status).toBe(0);
    expect(inode()).not.toBe(first);
    lab.host.sh('rm /run/guestgate/local/local-web.json; ip netns del web');
    expect(lab.guestgate('netns', 'del', 'web').status).toBe(0);
    expect(lab.guestgate('netns', 'del', 'web')).toMatchObject({ status: 0 });
    expect(host()).toEqual(before);
  });

  test.each(someOf([1, 2, 3, 4, 5] as const, 2))(
    'killed at the %ith program that it runs: del leaves nothing',
    (step) => {
      const before = host();
      lab.host.sh(
        `mkdir -p /tmp/kill; printf '%s\\n' '#!/bin/sh' 'echo >>/tmp/kill/calls' '[ $(wc -l </tmp/kill/calls) -ge ${step} ] && { kill -KILL $PPID; exit 1; }' 'exec /usr/sbin/ip "$@"' >/tmp/kill/ip; chmod +x /tmp/kill/ip; : >/tmp/kill/calls`,
      );
      const env = { PATH: `/tmp/kill:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C', HOME: '/root' };
      const ran = lab.host.run('/usr/bin/guestgate', ['netns', 'add', 'web', ...both], {
        env,
        mayFail: true,
      });
      expect(ran.status).not.toBe(0);
      expect(lab.guestgate('netns', 'del', 'web').status).toBe(0);
      expect(host()).toEqual(before);
      expect(add('web', ...both).status).toBe(0);
      expect(lab.guestgate('netns', 'del', 'web').status).toBe(0);
      expect(host()).toEqual(before);
    },
  );

  test('what is not made by guestgate, or what the host has already, is refused, and nothing is changed', () => {
    lab.host.sh('ip netns add foreign');
    const before = host();
    const refused = (text: string, name: string, ...options: readonly string[]) =>
      expect(add(name, ...options)).toMatchObject({ status: 2, stderr: expect.stringContaining(text) });
    refused('guestgate did not make it', 'foreign', ...both);
    refused('network of eth0', 'web', '--address', '198.51.100.77/24');
    refused('an address of this host', 'web', '--address', `${publicAddress}/32`, '--gateway', '10.0.0.1');
    refused('no interface "none0"', 'web', ...both, '--bridge', 'none0');
    refused('"eth0" is not a bridge', 'web', ...both, '--bridge', 'eth0');
    refused('invalid name', 'a b', ...both);
    expect(lab.guestgate('netns', 'del', 'foreign')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('was not made by guestgate'),
    });
    expect(lab.guestgate('netns', 'exec', 'foreign', '--', 'true').status).toBe(2);
    expect(host()).toEqual(before);
    lab.host.sh('ip netns del foreign');
  });

  test('on a bridge: the host there is its router, others on the bridge reach it', () => {
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    expect(add('web', '--address', '192.168.122.70/24,fd00:122::70/64', '--bridge', 'virbr0').status).toBe(0);
    expect(add('db', '--address', '192.168.122.71/24', '--bridge', 'virbr0').status).toBe(0);
    serve('web');
    expect(at(8080)).toEqual([`hello from web, you are ${client}`, `hello from web, you are ${client6}`]);
    // Frames on a bridge pass iptables where br_netfilter is loaded, and its policy is DROP.
    lab.host.sh('for f in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do [ ! -e $f ] || echo 0 >$f; done');
    expect(lab.fetch('db', '192.168.122.70', 80)).toBe('hello from web, you are 192.168.122.71');
    expect(lab.fetch('db', publicAddress, 8080)).toContain('hello from web');
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  test('a macvlan of an uplink: past the host, with a MAC address that stays the same', () => {
    const before = host();
    expect(add('beside', '--address', '198.51.100.70/24', '--uplink', 'eth0').status).toBe(0);
    serve('beside');
    expect(lab.fetch('client', '198.51.100.70', 80)).toBe(`hello from beside, you are ${client}`);
    // The router of the host is its router, too.
    expect(lab.host.sh('ip -n beside route show default')).toContain(`via ${client}`);
    const [{ mac }] = list();
    expect(mac).toMatch(/^02(:[\da-f]{2}){5}$/);
    expect(lab.guestgate('netns', 'del', 'beside').status).toBe(0);
    expect(host()).toEqual(before);
    add('beside', '--address', '198.51.100.70/24', '--uplink', 'eth0', '--macvlan');
    expect(list()).toMatchObject([{ mac }]);
  });

  test('a VLAN of an uplink: past the host, tagged; without VLAN devices in the kernel nothing is left', () => {
    const before = host();
    const vlan = ['--address', '10.20.0.2/24', '--uplink', 'eth0', '--vlan', '20', '--gateway', '10.20.0.1'];
    const made = lab.host.run(
      'ip',
      ['-n', 'client', ...'link add link eth0 name eth0.20 type vlan id 20'.split(' ')],
      { mayFail: true },
    );
    if (made.status !== 0) {
      expect(add('tagged', ...vlan)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/making the namespace "tagged".*(Unknown device type|not supported)/s),
      });
      expect(host()).toEqual(before);
      return;
    }
    lab.host.sh('ip -n client addr add 10.20.0.1/24 dev eth0.20; ip -n client link set eth0.20 up');
    expect(add('tagged', ...vlan).status).toBe(0);
    serve('tagged');
    expect(lab.fetch('client', '10.20.0.2', 80)).toBe('hello from tagged, you are 10.20.0.1');
    expect(lab.fetch('tagged', client, 80)).toContain('hello from outside');
    expect(lab.guestgate('netns', 'del', 'tagged').status).toBe(0);
    expect(host()).toEqual(before);
    lab.host.sh('ip -n client link del eth0.20');
  });

  test('what the kernel refuses leaves nothing', () => {
    const before = host();
    lab.host.sh('ip link add gn-taken type veth peer name taken0; ip link set taken0 name eth9');
    expect(add('taken', ...both)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the interface gn-taken is there already'),
    });
    lab.host.sh('ip link del gn-taken');
    expect(add('web', ...both, '--bridge', 'virbr0', '--gateway', '10.77.0.1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('making the namespace "web"'),
    });
    expect(host()).toEqual(before);
  });

  test('del ends the network of a process that still runs there, and says so', () => {
    const before = host();
    add('web', ...both);
    serve('web');
    expect(lab.guestgate('netns', 'del', 'web').stdout).toContain('processes without a network still run');
    expect(host()).toEqual(before);
  });

  test('--persist writes a unit that makes it at boot, and del removes it', () => {
    add('web', ...both, '--dns', '192.0.2.53', '--persist');
    const unit = '/etc/systemd/system/guestgate-netns-web.service';
    const text = lab.host.read(unit);
    const start = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? '';
    const stop = /^ExecStop=(.*)$/m.exec(text)?.[1] ?? '';
    expect(lab.host.run('systemd-analyze', ['verify', '--man=no', unit]).stderr).not.toContain(
      'guestgate-netns',
    );
    lab.host.sh(stop);
    expect(list()).toEqual([]);
    lab.host.sh(start);
    expect(list()).toMatchObject([{ name: 'web', state: 'complete' }]);
    lab.host.sh(start);
    expect(lab.host.sh('ls /etc/systemd/system/*/guestgate-netns-web.service')).not.toBe('');
    expect(lab.guestgate('netns', 'del', 'web').stdout).toContain('guestgate-netns-web.service is removed');
    expect(
      lab.host.sh(`ls ${unit} /etc/systemd/system/*/guestgate-netns-web.service 2>/dev/null || true`),
    ).toBe('');
  });

  test('an exec ends as its program does', () => {
    add('web', ...both);
    expect(lab.guestgate('netns', 'exec', 'web', '--', 'sh', '-c', 'exit 7').status).toBe(7);
    expect(lab.guestgate('netns', 'exec', 'web', '--', 'sh', '-c', 'kill -TERM $$').status).toBe(143);
    expect(lab.guestgate('netns', 'exec', 'web', '--', 'ip', '-br', 'addr').stdout).toMatch(
      /eth0.*10\.200\.1\.2\/24.*fd00:200::2\/64/,
    );
  });

  test('without an uplink it has no source address; it gets one when the uplink comes, and a new one when that changes', () => {
    const change = (...commands: readonly string[]) =>
      lab.host.sh(['ip addr flush dev eth0 scope global', ...commands].join('\n'));
    const source = () => /you are (\S+)$/.exec(lab.fetch('web', client, 80))?.[1];
    const route = `ip route add default via ${client}`;
    change();
    expect(add('web', '--address', '10.200.1.2/24').status).toBe(0);
    change(`ip addr add ${publicAddress}/24 dev eth0`, route);
    // The next event of any guest.
    lab.guestgate('guest', 'up', 'other', '--address', '10.200.9.9', '--nat');
    expect(source()).toBe(publicAddress);
    change('ip addr add 198.51.100.99/24 dev eth0', route);
    lab.guestgate('guest', 'down', 'other');
    expect(source()).toBe('198.51.100.99');
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });
});
