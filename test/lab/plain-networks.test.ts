import { beforeEach, describe, expect } from 'vitest';
import { others } from '../contract/others.ts';
import { client, client6, publicAddress, secondAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * Networks that libvirt does not run: a bridge with two guests that no hypervisor reports, on a host whose FORWARD and INPUT drop what no
 * rule accepts, in both families. A real dnsmasq on the bridge gives addresses and answers names.
 *
 *     client 198.51.100.2 --- (eth0) host (br0) 10.9.0.1, fd00:9::1 --- one 10.9.0.11, fd00:9::11; two 10.9.0.12, fd00:9::12
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ ipv6: true, forwarding: 'DROP', backend }),
}));

/** A bridge and its two guests. */
const bridge = `
ip link add br0 address 52:54:00:00:09:01 type bridge
ip addr add 10.9.0.1/24 dev br0; ip addr add fd00:9::1/64 dev br0 nodad; ip link set br0 up
for n in 1 2; do ip link set tap9$n master br0 up; done`;
const guests = `
for n in 1 2; do
  name=$([ $n = 1 ] && echo one || echo two)
  ip netns add $name; ip netns exec $name sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
  ip link add tap9$n type veth peer name eth0 netns $name
  ip -n $name link set lo up; ip -n $name link set eth0 address 52:54:00:09:00:1$n up
  ip -n $name addr add 10.9.0.1$n/24 dev eth0; ip -n $name addr add fd00:9::1$n/64 dev eth0 nodad
  ip -n $name route add default via 10.9.0.1; ip -n $name route add default via fd00:9::1
done`;
/** What every firewall that drops lets in, or the host has no IPv6. */
const closed = `
for i in iptables ip6tables; do $i -P INPUT DROP; $i -A INPUT -i lo -j ACCEPT; $i -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; done
ip6tables -A INPUT -p icmpv6 --icmpv6-type 135 -j ACCEPT; ip6tables -A INPUT -p icmpv6 --icmpv6-type 136 -j ACCEPT`;
const bridged = (value: 0 | 1) =>
  `for f in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do [ ! -e $f ] || echo ${value} >$f; done`;

describe.each(labs)('with $backend', ({ test, lab }) => {
  test.beforeAll(() => {
    lab.host.sh(`${guests}${bridge}${closed}\n${bridged(1)}`);
    lab.serve('client', 'hello from outside');
    lab.serve('one', 'hello from one');
    lab.serve('two', 'hello from two');
    lab.host.start('dnsmasq', [
      ...[
        '--keep-in-foreground',
        '--no-ping',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--user=root',
      ],
      ...['--interface=br0', '--bind-dynamic', '--except-interface=lo', '--address=/host.test/10.9.0.1'],
      ...['--dhcp-range=10.9.0.100,10.9.0.110,1h', '--dhcp-range=fd00:9::100,fd00:9::110,64,1h'],
      ...['--dhcp-leasefile=/tmp/leases', '--pid-file=', '--log-facility=/tmp/dnsmasq.log'],
    ]);
  });
  beforeEach(() => {
    lab.host.sh('conntrack -F 2>/dev/null || true');
  });
  const out = (from = 'one') =>
    lab.probe(from, [
      { address: client, port: 80 },
      { address: client6, port: 80 },
    ]);
  const as = (ip: string, ip6: string) => [
    `hello from outside, you are ${ip}`,
    `hello from outside, you are ${ip6}`,
  ];
  const isOut = (answers: readonly string[]) => answers.map((answer) => answer.startsWith('hello'));
  const beside = () =>
    lab.probe('one', [
      { address: '10.9.0.12', port: 80 },
      { address: 'fd00:9::12', port: 80 },
    ]);
  const isNamed = () =>
    lab.host
      .run('busybox', ['timeout', '2', 'busybox', 'nslookup', 'host.test', '10.9.0.1'], {
        in: 'one',
        mayFail: true,
      })
      .stdout.includes('10.9.0.1\n\n');
  /** Whether the server gets the request: its answer has no checksum yet, which the client of a veth does not take. */
  const isOffered = () => {
    const offers = () => lab.host.sh('grep -c DHCPOFFER /tmp/dnsmasq.log || true').trim();
    const before = offers();
    lab.host.sh('busybox udhcpc -i eth0 -n -q -f -t 1 -T 1 -s /bin/true 2>/dev/null || true', { in: 'two' });
    return offers() !== before;
  };
  const agrees = () =>
    expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
  const apply = (toml: string) => {
    lab.configure(toml);
    expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
  };
  const masquerade = '[network.br0]\nmasquerade = true\n';

  test('nothing passes before; then guests get out, get leases and names, and reach each other', () => {
    expect(isOut(out())).toEqual([false, false]);
    expect(isOut(beside())).toEqual([false, false].map((one) => one || !lab.host.sh(nfCall).includes('1')));
    expect([isNamed(), isOffered()]).toEqual([false, false]);
    lab.configure(masquerade);
    expect(lab.guestgate('check').status).toBe(1);
    expect(lab.guestgate('apply', '--dry-run').stdout).toContain(
      '+ 10.9.0.0/24 on br0 leaves eth0 masqueraded',
    );
    apply(masquerade);
    expect(out()).toEqual(as(publicAddress, 'fd00:9::11'));
    expect([isNamed(), isOffered()]).toEqual([true, true]);
    // Where bridged frames pass ip6tables, neighbour discovery between guests needs an accept of its own.
    expect(isOut(beside())[0]).toBe(true);
    lab.host.sh(`${bridged(0)}; ip -n one -6 neigh flush dev eth0; ip -n two -6 neigh flush dev eth0`);
    expect(isOut(beside())).toEqual([true, true]);
    lab.host.sh(bridged(1));
    // Neither the host's other ports, nor the guests from outside.
    expect(isOut([lab.fetch('one', '10.9.0.1', 80), lab.fetch('client', '10.9.0.11', 80)])).toEqual([
      false,
      false,
    ]);
    agrees();
    expect(lab.guestgate('status').stdout).toContain(
      'network "br0": guests on br0 reach 67/udp of the host\n',
    );
    expect(lab.guestgate('explain', `${client}:80`, '--from', '10.9.0.11').stdout).not.toContain('Uncertain');
    expect(lab.guestgate('doctor').stdout).not.toMatch(/network "br0"|cannot/);
    lab.host.sh(
      `nft 'table inet own { chain input { type filter hook input priority 0; policy drop; }; }'; echo 0 >/proc/sys/net/ipv4/ip_forward`,
    );
    expect(lab.guestgate('doctor').stdout).toMatch(/inet own input.*network "br0" to the host/s);
    expect(lab.guestgate('check').stdout).toContain('net.ipv4.ip_forward: it is 0');
    lab.host.sh('nft delete table inet own; echo 1 >/proc/sys/net/ipv4/ip_forward');
  });

  test('IPv6 is masqueraded where asked for, snat leaves by its address, an address of a guest comes first', () => {
    apply('[network.br0]\nmasquerade = "both"\n');
    const [ip, ip6] = out();
    expect(ip).toBe(`hello from outside, you are ${publicAddress}`);
    expect(ip6).toMatch(/^hello from outside, you are 2001:db8:1::/);
    apply(`[network.br0]\nsnat = "${secondAddress}"\n`);
    expect(out()).toEqual(as(secondAddress, 'fd00:9::11'));
    // A network that overlaps it costs the others nothing.
    lab.host.sh('ip link add br1 type bridge; ip addr add 10.9.0.129/25 dev br1; ip link set br1 up');
    apply(`[network.br0]\nsnat = "${secondAddress}"\n[network.br1]\nsnat = "${publicAddress}"\n`);
    expect(lab.guestgate('replay')).toMatchObject({ status: 0 });
    expect(out()).toEqual(as(secondAddress, 'fd00:9::11'));
    expect(lab.guestgate('check').stdout).toMatch(/network "br1": a part of its rules is left out/);
    lab.host.sh('ip link del br1');
    apply('[network.br0]\nforward = true\n');
    lab.host.sh('ip -n client route replace 10.9.0.0/24 via 198.51.100.1');
    expect(out()).toEqual(as('10.9.0.11', 'fd00:9::11'));
    agrees();
  });

  test('services: only those that are listed', () => {
    lab.host.start('socat', ['TCP4-LISTEN:3142,fork,reuseaddr', 'SYSTEM:echo hello']);
    const asks = (port: number) =>
      lab.host.run('socat', ['-T1', '-', `TCP4:10.9.0.1:${port},connect-timeout=1`], {
        in: 'one',
        mayFail: true,
        input: '',
      }).stdout;
    apply('[network.br0]\nforward = true\nservices = ["3142/tcp"]\n');
    expect([asks(3142), isNamed()]).toEqual(['hello\n', false]);
    apply('[network.br0]\nforward = true\nservices = []\n');
    expect(asks(3142)).toBe('');
    expect(lab.host.sh('iptables-save; ip6tables-save')).not.toContain('GUESTGATE-SERVICES');
    agrees();
  });

  test('ahead of Docker, ufw and others, also where their rules come later', () => {
    apply(masquerade);
    for (const other of others) {
      other.load(lab, 'above');
      lab.daemonHook('reload');
      expect([other.name, out(), isNamed()]).toEqual([other.name, as(publicAddress, 'fd00:9::11'), true]);
      other.remove(lab);
      lab.host.sh('iptables -P FORWARD DROP; iptables -P INPUT DROP');
    }
    agrees();
  });

  test('a guest that starts brings the network, and isolated separates those that guestgate knows of', () => {
    lab.host.sh(`rm -rf /run/guestgate; nft flush ruleset; ${bridged(0)}`);
    lab.configure('[network.br0]\nmasquerade = true\nisolated = true\n[guest.one]\nforward = ["8080:80"]\n');
    const up = (name: string, number: number) =>
      lab.guestgate(
        ...['guest', 'up', name, '--address', `10.9.0.1${number}`, '--address', `fd00:9::1${number}`],
        ...['--interface', `tap9${number}`],
      );
    expect(isOut(beside())).toEqual([true, true]);
    expect([up('one', 1).status, up('two', 2).status]).toEqual([0, 0]);
    expect(isOut(beside())).toEqual([false, false]);
    expect(out()).toEqual(as(publicAddress, 'fd00:9::11'));
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from one');
    agrees();
    for (const name of ['one', 'two']) lab.guestgate('guest', 'down', name);
    expect(isOut(beside())).toEqual([true, true]);
    expect(out()).toEqual(as(publicAddress, 'fd00:9::11'));
    lab.host.sh(`${closed}; iptables -P FORWARD DROP; ip6tables -P FORWARD DROP; ${bridged(1)}`);
  });

  test('after a flush an event, and the watcher, bring it back; a bridge that goes and comes is followed', async () => {
    apply(masquerade);
    const watcher = lab.host.start('/usr/bin/guestgate', ['watch']);
    const ended = new Promise((resolve) => watcher.once('exit', resolve));
    const both = (wanted: boolean) => () => isOut(out()).every((one) => one === wanted);
    lab.host.sh(
      `iptables -F; iptables -X; ip6tables -F; ip6tables -X; nft flush ruleset; ${closed}; iptables -P FORWARD DROP; ip6tables -P FORWARD DROP`,
    );
    await until('the guests get out again', both(true));
    await until('names are answered again', isNamed);
    lab.host.sh('iptables -I INPUT 1 -i br0 -j REJECT; iptables -I FORWARD 1 -i br0 -j REJECT');
    await until('it is ahead again', () => isNamed() && both(true)());
    lab.host.sh('ip link del br0');
    const rules = () => JSON.parse(lab.guestgate('status', '--json').stdout).networks;
    await until('its rules are gone', () => rules().length === 0);
    lab.host.sh(bridge);
    await until('its rules are back', () => rules().length === 1);
    await until('the guests get out', both(true));
    lab.host.sh('ip addr add 10.10.0.1/24 dev br0');
    await until('another network follows', () => JSON.stringify(rules()).includes('10.10.0.0/24'));
    lab.host.sh(`ip link add eth1 type veth peer name eth1 netns client; ip addr add 192.0.2.1/24 dev eth1; ip link set eth1 up
      ip -n client addr add 192.0.2.2/24 dev eth1; ip -n client link set eth1 up; ip route replace default via 192.0.2.2`);
    await until('the uplink follows', () => lab.fetch('one', '192.0.2.2', 80).endsWith('you are 192.0.2.1'));
    lab.host.sh(`ip link del eth1; ip route replace default via ${client}`);
    await until('the uplink is back', both(true));
    lab.host.sh('ip addr del 10.10.0.1/24 dev br0; kill -TERM $(cat /run/guestgate/watcher)');
    await ended;
    lab.host.sh('iptables -D INPUT -i br0 -j REJECT; iptables -D FORWARD -i br0 -j REJECT');
  });

  test('after a boot, replay makes it; without the table all of it goes; uninstall leaves what was there', () => {
    lab.guestgate('uninstall');
    lab.reinstall();
    lab.configure(masquerade);
    const untouched = lab.ruleset();
    expect(lab.guestgate('replay')).toMatchObject({ status: 0 });
    expect(isOut(out())).toEqual([true, true]);
    expect(isNamed()).toBe(true);
    agrees();
    apply('');
    expect(isOut(out())).toEqual([false, false]);
    expect(isNamed()).toBe(false);
    expect(lab.ruleset()).not.toContain('10.9.0.0');
    agrees();
    apply(masquerade);
    lab.guestgate('uninstall');
    lab.reinstall();
    expect(lab.ruleset()).toBe(untouched);
  });

  const nfCall = 'cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || echo 0';
});
