import { describe, expect } from 'vitest';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { LxcHost } from '../support/lxc-host.ts';
import { until } from '../support/until.ts';
import { allWays, answeredWays } from '../support/who-reaches.ts';

/* Real containers of LXC, without libvirt: LXC's own hooks call guestgate. */

const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ ipv6: true, forwarding: 'DROP', backend }),
}));

describe.each(labs)('with $backend', ({ test, lab }) => {
  let lxc: LxcHost;
  const addresses = (last: number) => [`10.0.3.${last}/24`, `fd00:3::${last}/64`];
  test.beforeAll(() => {
    lxc = new LxcHost(lab);
    expect(lab.guestgate('install', '--lxc').stdout).toContain('/usr/share/lxc/hooks/guestgate');
    lxc.make({ name: 'web', mac: '00:16:3e:00:00:01', addresses: addresses(5) });
    lxc.make({ name: 'mapped', mac: '00:16:3e:00:00:02', addresses: addresses(6), unprivileged: true });
    lab.serve('client', 'hello from outside');
    lab.serve('host', 'hello from the host');
    lab.host.sh(`iptables -A FORWARD -i lxcbr0 -o eth0 -j ACCEPT; ip6tables -A FORWARD -i lxcbr0 -o eth0 -j ACCEPT
      iptables -A FORWARD -i eth0 -o lxcbr0 -m conntrack --ctstate ESTABLISHED -j ACCEPT
      ip6tables -A FORWARD -i eth0 -o lxcbr0 -m conntrack --ctstate ESTABLISHED -j ACCEPT
      ip netns add neighbour; ip link add lxcn master lxcbr0 type veth peer name eth0 netns neighbour
      ip link set lxcn up; ip -n neighbour link set eth0 up; ip -n neighbour addr add 10.0.3.9/24 dev eth0
      ip -n neighbour addr add fd00:3::9/64 dev eth0 nodad`);
    lxc.make({ name: 'leased', mac: '00:16:3e:00:00:03' });
  });
  test.afterAll(() => {
    for (const name of ['web', 'mapped', 'leased']) lxc.stop(name);
    LxcHost.removeControlGroups();
  });
  const fetch = (address: string) =>
    lab.host.run('curl', ['-sgm', '3', `http://${address}/index.html`], { in: 'client', mayFail: true })
      .stdout;
  const guests = () => JSON.parse(lab.guestgate('guest', 'list', '--json').stdout).guests;

  test.each([
    ['a privileged container', 'web', '10.0.3.5'],
    ['an unprivileged container', 'mapped', '10.0.3.6'],
  ])('%s: its start opens its forwards in both families, its stop closes them', (_, name, address) => {
    lab.configure(`[guest.${name}]\nforward = ["8080:80"]\n`);
    expect(
      lxc.start(name),
      lab.host.run('tail', [`/tmp/${name}.log`], { mayFail: true }).stdout,
    ).toMatchObject({
      status: 0,
    });
    expect(guests()).toMatchObject([
      { name, kind: 'lxc', state: 'running', addresses: expect.arrayContaining([address]) },
    ]);
    expect(fetch(`${publicAddress}:8080`)).toBe(`hello from ${name}`);
    expect(fetch(`[${publicAddress6}]:8080`)).toBe(`hello from ${name}`);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    expect(lab.guestgate('replay').status).toBe(0);
    expect(fetch(`${publicAddress}:8080`)).toBe(`hello from ${name}`);
    lxc.stop(name);
    expect(fetch(`${publicAddress}:8080`)).toBe('');
    expect(guests()).toEqual([]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  test('a container that dies without a hook is reported, and replay removes its rules', () => {
    lab.configure('[guest.web]\nforward = ["8080:80"]\n');
    lxc.start('web');
    const [{ witness }] = guests();
    lab.host.sh(`pkill -KILL -f '[l]xc monitor.* web'; kill -KILL ${witness.process.pid} || true
      while [ -e /proc/${witness.process.pid} ] && ! grep -q '^State:.Z' /proc/${witness.process.pid}/status; do :; done`);
    expect(lab.guestgate('check').stdout).toContain('local guest "web": is not running but still has rules');
    expect(lab.guestgate('replay').status).toBe(0);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    lxc.stop('web');
  });

  test('a container without an address gets its forwards with its lease', async () => {
    lab.configure('[guest.leased]\nforward = ["8080:80"]\n');
    expect(lxc.start('leased').status).toBe(0);
    expect(lab.guestgate('status').stdout).toContain('leased');
    lab.host.sh('ip -o link show master lxcbr0 | grep -q veth');
    lab.host.sh(`nsenter -t ${guests()[0].witness.process.pid} -n ip addr add 10.0.3.77/24 dev eth0
      nsenter -t ${guests()[0].witness.process.pid} -n ip route add default via 10.0.3.1`);
    const expires = Math.floor(Date.now() / 1000) + 3600;
    lab.host.write(
      '/var/lib/misc/dnsmasq.lxcbr0.leases',
      `${expires} 00:16:3e:00:00:03 10.0.3.77 leased *\n`,
    );
    await until('it is open', () => fetch(`${publicAddress}:8080`) === 'hello from leased');
    lxc.stop('leased');
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  const accesses = [
    ['inbound', false, true],
    ['host', true, false],
    ['none', false, false],
  ] as const;
  test.for(accesses)(
    'access = "%s" holds from the start of the container',
    async ([access, opens, forwards], { onTestFinished }) => {
      const forward = access === 'none' ? '' : 'forward = ["8080:80"]\n';
      lab.configure(`[guest.web]\naccess = "${access}"\n${forward}`);
      expect(lxc.start('web').status).toBe(0);
      onTestFinished(() => {
        lab.host.sh('ip netns del lxcweb || true');
        lxc.stop('web');
      });
      lab.host.sh(`ip netns attach lxcweb ${guests()[0].witness.process.pid}`);
      // The kernel looks first whether the address of IPv6 is another machine's.
      const tentative = () => lab.host.sh('ip -n lxcweb -6 addr show dev eth0 tentative');
      await until('its addresses count', () => tentative() === '');
      const asked = {
        lxcweb: [
          ...[client, client6].map((address) => ({ address, port: 80 })),
          ...['10.0.3.1', 'fd00:3::1', publicAddress].map((address) => ({ address, port: 22 })),
        ],
        neighbour: ['10.0.3.5', 'fd00:3::5'].map((address) => ({ address, port: 80 })),
      };
      const hosts = allWays(asked).filter((way) => way.endsWith(' 22'));
      expect(await answeredWays(lab.host, asked)).toEqual(opens ? hosts : []);
      const ports = [publicAddress, publicAddress6].map((address) => ({ address, port: 8080 }));
      for (const answer of lab.probe('client', ports))
        expect(/connect:|timed out/.test(answer)).toBe(!forwards);
      expect(lab.guestgate('check')).toMatchObject({ status: 0 });
      if (access === 'none') {
        lab.configure('');
        lab.guestgate('apply');
        expect(await answeredWays(lab.host, { lxcweb: asked.lxcweb })).toEqual(
          allWays({ lxcweb: asked.lxcweb }),
        );
      }
    },
  );

  test('a policy that cannot be applied refuses the container only with on_error = "deny"', () => {
    const taken = (more: string) =>
      `[guest."local:other"]\nforward = ["8080:80"]\n[guest.web]\nforward = ["8080:80"]\n${more}`;
    lab.configure(taken(''));
    lab.guestgate('guest', 'up', 'other', '--address', '10.0.3.99');
    expect(lxc.start('web').status).toBe(0);
    lxc.stop('web');
    lab.configure(taken('on_error = "deny"\n'));
    expect(lxc.start('web').status).not.toBe(0);
    expect(guests().map(({ name }: { name: string }) => name)).toEqual(['other']);
    lab.guestgate('guest', 'down', 'other');
  });

  test('uninstall leaves the files of LXC as they were', () => {
    const files = () => lab.host.sh('ls -R /usr/share/lxc');
    expect(files()).toContain('50-guestgate.conf');
    expect(lab.guestgate('uninstall').status).toBe(0);
    expect(files()).not.toContain('guestgate');
    expect(lxc.start('web').status).toBe(0);
    lxc.stop('web');
  });
});
