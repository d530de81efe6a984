import { describe, expect } from 'vitest';
import { publicAddress, publicAddress6, secondAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { putRoutedGuest, routedGuest, startRouted, stopRouted } from '../support/routed-guests.ts';

/*
 * Guests with several addresses, hosts with several uplinks, and guests without a way back: what a forward leads to, where it is
 * reached, and whom the guest sees.
 *
 *   client 198.51.100.2 --- eth0 host eth1 192.0.2.1, 2001:db8:2::1 --- stranger 192.0.2.2
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web'], ipv6: true, forwarding: 'DROP', backend }),
}));
const routed = {
  ...routedGuest('routed', 51),
  described: ['203.0.113.51', '203.0.113.52', '2001:db8:7::51', '198.51.100.1'],
};

describe.each(labs)('with $backend', ({ test, lab, web }) => {
  test.beforeAll(() => {
    putRoutedGuest(lab, routed);
    lab.host.sh(`
      ip netns add stranger; ip link add eth1 type veth peer name eth0 netns stranger
      ip addr add 192.0.2.1/24 dev eth1; ip addr add 2001:db8:2::1/64 dev eth1 nodad; ip link set eth1 up
      ip -n stranger link set eth0 up; ip -n stranger addr add 192.0.2.2/24 dev eth0
      ip -n stranger addr add 2001:db8:2::2/64 dev eth0 nodad
      ip -n stranger route add default via 192.0.2.1; ip -n stranger route add default via 2001:db8:2::1
      ip route add 203.0.113.52/32 dev ${routed.tap}; ip -n ${routed.space} addr add 203.0.113.52/32 dev eth0
      ip route add 203.0.113.70/32 dev virbr0; ip route add 2001:db8:7::70/128 dev virbr0`);
    const addresses = ['192.168.122.50/24', '203.0.113.70/32'];
    for (const address of addresses) lab.host.sh(`ip -n guest1 addr add ${address} dev eth0`);
    for (const address of ['fd00:122::50/64', '2001:db8:7::70/128'])
      lab.host.sh(`ip -n guest1 addr add ${address} dev eth0 nodad`);
    for (const address of ['192.168.122.50', '203.0.113.70', '[fd00:122::50]', '[2001:db8:7::70]'])
      lab.host.start(
        'socat',
        [
          `TCP${address.startsWith('[') ? 6 : 4}-LISTEN:8000,bind=${address},fork,reuseaddr`,
          `SYSTEM:read line; echo ${address}`,
        ],
        { in: 'guest1' },
      );
  });
  const own = `address = ["${web.address}", "${web.address6}"]`;
  const asked = (from: string, ...targets: readonly (readonly [string, number])[]) =>
    lab
      .probe(
        from,
        targets.map(([address, port]) => ({ address, port })),
      )
      .map((answer) => /hello from (\S+), you are (\S+)/.exec(answer)?.slice(1).join(' sees ') ?? answer);
  const agreed = () =>
    expect(lab.guestgate('check').stdout).toMatch(/^Configuration, running guests and kernel agree\.$/m);

  test('a forward leads to one of several addresses, and to one that the host routes to the bridge', () => {
    lab.configure(`[guest.web]
${own}
forward = [
  { port = 8050, to = "192.168.122.50:8000" }, { port = 8050, to = "[fd00:122::50]:8000" },
  { port = 8070, to = "203.0.113.70:8000" }, { port = 8070, to = "[2001:db8:7::70]:8000" },
  { port = 8099, to = "203.0.113.99:80" },
]
open = [{ port = 8000, address = "203.0.113.70" }, { port = 8000, address = "2001:db8:7::70" }]
`);
    const { stderr } = lab.hook(web, 'started');
    expect(stderr).toContain('4 forwards, 2 open ports');
    expect(stderr).toContain(
      'forward 8099:203.0.113.99:80/tcp is left out: the policy says 203.0.113.99, which is outside 192.168.122.0/24 (network "default"), and the host has no route to it through virbr0',
    );
    expect(
      asked(
        'client',
        [publicAddress, 8050],
        [publicAddress6, 8050],
        [publicAddress, 8070],
        [publicAddress6, 8070],
        ['203.0.113.70', 8000],
        ['2001:db8:7::70', 8000],
      ),
    ).toEqual([
      '192.168.122.50',
      '[fd00:122::50]',
      '203.0.113.70',
      '[2001:db8:7::70]',
      '203.0.113.70',
      '[2001:db8:7::70]',
    ]);
    expect(lab.fetch('client', '192.168.122.50', 8000)).not.toBe('192.168.122.50');
    lab.end(web);
  });

  test('open ports hold at every address that the description gives; a remark names the one of the forwards', () => {
    lab.configure('[guest.routed]\nopen = ["80"]\nforward = ["8080:80"]\n');
    expect(startRouted(lab, routed)).toContain(
      '3 open ports to 203.0.113.51 and 203.0.113.52 and 2001:db8:7::51',
    );
    const open = [
      ['203.0.113.51', 80],
      ['203.0.113.52', 80],
      ['2001:db8:7::51', 80],
      ['203.0.113.52', 443],
    ] as const;
    expect(asked('client', ...open).map((answer) => answer.includes('space51'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    agreed();
    const { stdout } = lab.guestgate('check');
    expect(stdout).toContain('it also has the address 203.0.113.52: its forwards go to 203.0.113.51');
    expect(stdout).toContain("its address 198.51.100.1 does not count, which is the host's own address");
    stopRouted(lab, routed);
    lab.configure(
      '[guest.routed]\nforward = [{ port = 8052, to = "203.0.113.52:80" }, { port = 8053, to = "192.0.2.2:80" }]\n',
    );
    expect(startRouted(lab, routed)).toContain(
      `forward 8053:192.0.2.2:80/tcp is left out: the policy says 192.0.2.2, and the host has no route to it through ${routed.tap}`,
    );
    expect(asked('client', [publicAddress, 8052])[0]).toContain('space51');
    stopRouted(lab, routed);
    lab.configure('[guest.routed]\naddress = "198.51.100.1"\nforward = ["8080:80"]\n');
    expect(startRouted(lab, routed)).toContain(
      "the policy says 198.51.100.1, which is the host's own address",
    );
    stopRouted(lab, routed);
  });

  test('two guests have the same port on two uplinks, at whichever addresses these have', () => {
    lab.configure(`[guest.web]
${own}
forward = [{ port = 8080, to = 80, uplink = "eth0" }]
[guest.routed]
address = ["${routed.address}", "${routed.address6}"]
forward = [{ port = 8080, to = 80, uplink = "eth1" }, { port = 81, uplink = "ppp0" }]
`);
    lab.hook(web, 'started');
    startRouted(lab, routed);
    expect(asked('client', [publicAddress, 8080], [publicAddress6, 8080], [secondAddress, 8080])).toEqual([
      'guest1 sees 198.51.100.2',
      'guest1 sees 2001:db8:1::2',
      'guest1 sees 198.51.100.2',
    ]);
    expect(asked('stranger', ['192.0.2.1', 8080], ['2001:db8:2::1', 8080])).toEqual([
      'space51 sees 192.0.2.2',
      'space51 sees 2001:db8:2::2',
    ]);
    expect(asked('host', ['192.0.2.1', 8080])[0]).toContain('space51');
    expect(asked(routed.space, ['192.0.2.1', 8080], [publicAddress, 8080])).toEqual([
      expect.stringContaining('space51'),
      expect.stringContaining('guest1'),
    ]);
    expect(lab.guestgate('check').stdout).toContain(
      'forward 81:81/tcp on ppp0 is not reachable: "ppp0" has no address',
    );
    lab.host.sh('ip addr del 192.0.2.1/24 dev eth1; ip addr add 192.0.2.7/24 dev eth1');
    lab.hook(web, 'reconnect');
    lab.host.sh('ip route replace default via 192.0.2.7', { in: 'stranger' });
    expect(asked('stranger', ['192.0.2.7', 8080])).toEqual(['space51 sees 192.0.2.2']);
    agreed();
    stopRouted(lab, routed);
    lab.end(web);
  });

  test('where answers leave by another uplink, no client gets them: doctor and explain say so', () => {
    lab.configure(`[guest.web]\n${own}\nforward = ["8080:80"]\n`);
    lab.hook(web, 'started');
    lab.host.sh(
      `ip route add default via 192.0.2.2 dev eth1 table 200; ip rule add from ${web.address} lookup 200`,
    );
    expect(asked('client', [publicAddress, 8080])[0]).not.toContain('hello');
    const { findings } = JSON.parse(lab.guestgate('doctor', '--json').stdout);
    expect(findings.map(({ what }: { readonly what: string }) => what)).toContainEqual(
      expect.stringContaining(
        `distant clients that come in by eth0 get no answer from ${web.address}: its answers leave by eth1`,
      ),
    );
    const explained = (...options: string[]) =>
      lab.guestgate('explain', `${publicAddress}:8080`, '--from', '198.51.101.1', ...options).stdout;
    expect(explained()).toContain('But the answers leave through eth1');
    expect(explained('--through', 'eth1')).not.toContain('But the');
    lab.host.sh(`ip rule del from ${web.address} lookup 200; ip route flush table 200`);
    expect(asked('client', [publicAddress, 8080])).toEqual(['guest1 sees 198.51.100.2']);
    expect(explained()).not.toContain('But the');
    lab.end(web);
  });

  test('a guest without a way back answers where it sees the address of the host', () => {
    lab.host.sh('ip -n guest1 -4 route del default; ip -n guest1 -6 route del default');
    const [seen, seen6] = ['guest1 sees 192.168.122.1', 'guest1 sees fd00:122::1'];
    lab.configure(
      `[guest.web]\n${own}\nforward = [{ port = "8080-8081", to = "80-81", masquerade = true }, "8090:80"]\n`,
    );
    lab.hook(web, 'started');
    expect(asked('client', [publicAddress, 8080], [publicAddress6, 8080])).toEqual([seen, seen6]);
    expect(asked('host', [publicAddress, 8080])).toEqual([seen]);
    expect(asked('client', [publicAddress, 8090])[0]).not.toContain('hello');
    agreed();
    lab.configure(
      `[guest.web]\n${own}\nmasquerade = true\npublic_address = "${secondAddress}"\nforward = ["8080:80", "5353:53/udp", { port = 8090, to = 80, masquerade = false }, { port = 8060, to = 80, host = "${publicAddress}" }]\n`,
    );
    expect(lab.guestgate('apply').status).toBe(0);
    expect(
      asked(
        'client',
        [publicAddress, 8080],
        [publicAddress6, 8080],
        [secondAddress, 80],
        [publicAddress, 8060],
      ),
    ).toEqual([seen, seen6, seen, seen]);
    expect(lab.ask('client', publicAddress, 5353)).toContain('you are 192.168.122.1');
    expect(asked('client', [publicAddress, 8090])[0]).not.toContain('guest1');
    agreed();
    lab.end(web);
  });
});
