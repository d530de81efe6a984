import { isDeepStrictEqual } from 'node:util';
import { describe, expect } from 'vitest';
import {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
  thirdAddress,
} from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/*
 * The host has a service of its own at every address. While the guest of a public address does not run, that service must
 * not answer clients that the guest's `allow_from` denies; and no other clients either.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['mail', 'web'], ipv6: true, backend }),
}));

const denied = '198.51.100.3';
const denied6 = '2001:db8:1::3';

/** Answers UDP 53 with the address that was asked: a socket for all addresses answers with the host's first one. */
const udpService = `use Socket qw(:all);
for my $address (@ARGV) {
  my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $bytes = inet_pton($family, $address);
  socket(my $socket, $family, SOCK_DGRAM, 0) or die;
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($socket, $family == AF_INET6 ? pack_sockaddr_in6(53, $bytes) : pack_sockaddr_in(53, $bytes)) or die;
  next if fork;
  while (my $from = recv($socket, my $asked, 2000, 0)) { send($socket, "hello from the host\n", 0, $from) }
}`;

describe.each(labs)('$backend:', ({ test, lab, mail, web }) => {
  test.beforeAll(() => {
    lab.serve('host', 'hello from the host');
    const addresses = [publicAddress, publicAddress6, secondAddress, secondAddress6].join(' ');
    lab.host.sh(`perl -e '${udpService}' ${addresses} </dev/null >/dev/null 2>&1`);
    lab.serve('client', 'hello from the client');
  });
  test.beforeEach(() => {
    for (const guest of [mail, web]) lab.end(guest);
    lab.guestgate('uninstall');
    lab.reinstall();
    lab.host.sh('conntrack -F 2>/dev/null || true');
  });

  function configure(more = '', addresses: readonly string[] = [secondAddress, secondAddress6]): void {
    lab.configure(`[guest.mail]
address = ["${mail.address}", "${mail.address6}"]
public_address = ${JSON.stringify(addresses)}
allow_from = ["${client}", "${client6}"]
${more}`);
  }

  /** Who answers an allowed client, a denied one, and the host itself, over TCP and UDP in both families. */
  function answers(address = secondAddress, address6 = secondAddress6) {
    const outside = [
      { address, port: 80, source: client },
      { address, port: 53, over: 'udp' as const, source: client },
      { address: address6, port: 80, source: client6 },
      { address: address6, port: 53, over: 'udp' as const, source: client6 },
      { address, port: 80, source: denied },
      { address, port: 53, over: 'udp' as const, source: denied },
      { address: address6, port: 80, source: denied6 },
      { address: address6, port: 53, over: 'udp' as const, source: denied6 },
    ];
    const own = outside.slice(0, 4).map(({ source: _, ...probe }) => probe);
    const named = (all: readonly string[]) => [
      ...new Set(all.map((text) => /hello from (the host|\w+)/.exec(text)?.[1] ?? 'no answer')),
    ];
    const all = lab.probe('client', outside);
    return {
      allowed: named(all.slice(0, 4)),
      denied: named(all.slice(4)),
      host: named(lab.probe('host', own)),
    };
  }
  const dropped = { allowed: ['no answer'], denied: ['no answer'], host: ['the host'] };
  const ofHost = { allowed: ['the host'], denied: ['the host'], host: ['the host'] };
  const ofGuest = { allowed: ['guest1'], denied: ['no answer'], host: ['guest1'] };

  function expectAgreement(): void {
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  }

  test.each(
    someOf(
      [
        ['replay', () => lab.guestgate('replay')],
        ['apply', () => lab.guestgate('apply')],
        ['the start of a network', () => lab.networkHook('started', lab.networkXml())],
        ['the start of libvirtd', () => lab.daemonHook('start')],
        ['the start of another guest', () => lab.hook(web, 'started')],
      ] as const,
      2,
    ),
  )('%s drops what is for a guest that has never run', (_, event) => {
    configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    expect(answers()).toEqual(ofHost);
    expect(event()).toMatchObject({ status: 0 });
    expect(answers()).toEqual(dropped);
    expectAgreement();
    expect(lab.fetch('client', publicAddress, 443), 'other addresses are not concerned').toContain(
      'the host',
    );
    expect(lab.guestgate('status').stdout).toContain(
      `${secondAddress} dropped while guest "mail" does not run\n`,
    );
  });

  test('the guest starts: allow_from decides; it stops: dropped again, its connections, too', () => {
    configure();
    lab.guestgate('replay');
    for (let times = 0; times < 2; times++) {
      lab.hook(mail, 'prepare');
      lab.hook(mail, 'start');
      expect(answers()).toEqual(dropped);
      expect(lab.hook(mail, 'started')).toMatchObject({ status: 0 });
      expect(answers()).toEqual(ofGuest);
      expectAgreement();
      const flow = {
        address: secondAddress,
        port: 53,
        over: 'udp' as const,
        source: client,
        sourcePort: 5353,
      };
      expect(lab.probe('client', [flow])).toEqual([expect.stringContaining('guest1')]);
      lab.end(mail);
      expect(lab.probe('client', [flow])).toEqual(['']);
      expect(answers()).toEqual(dropped);
      expectAgreement();
    }
  });

  test('a connection to the host that is older than the policy ends', () => {
    const flow = { address: secondAddress, port: 53, over: 'udp' as const, source: client, sourcePort: 5354 };
    expect(lab.probe('client', [flow])).toEqual([expect.stringContaining('the host')]);
    configure();
    lab.guestgate('apply');
    expect(lab.probe('client', [flow])).toEqual(['']);
  });

  test('the host itself leaves with the address, and gets its answers', () => {
    configure();
    lab.guestgate('apply');
    const from = (source: string, address: string) => lab.fetch('host', address, 80, { source });
    expect(from(secondAddress, client)).toBe(`hello from the client, you are ${secondAddress}`);
    expect(from(secondAddress6, client6)).toBe(`hello from the client, you are ${secondAddress6}`);
  });

  test('neighbours still find the IPv6 address', async () => {
    configure();
    lab.guestgate('apply');
    expect(lab.fetch('client', secondAddress6, 80)).toBe('timed out');
    const state = () => lab.host.sh(`ip -6 neigh show ${secondAddress6} dev eth0`, { in: 'client' });
    const mac = /lladdr (\S+)/.exec(state())?.[1];
    lab.host.sh(`ip -6 neigh change ${secondAddress6} dev eth0 lladdr ${mac} nud probe`, { in: 'client' });
    await until('the neighbour answers or is given up', () => / (REACHABLE|FAILED)/.test(state()));
    expect(state()).toContain('REACHABLE');
  });

  test('a forward of another guest at the address keeps working', () => {
    configure(`[guest.web]\naddress = "${web.address}"\nforward = ["${secondAddress}:443:80"]\n`);
    lab.hook(web, 'started');
    expect(lab.fetch('client', secondAddress, 443)).toContain('hello from guest2');
    expect(answers()).toEqual(dropped);
    lab.end(web);
    expect(lab.fetch('client', secondAddress, 443)).toBe('timed out');
    expectAgreement();
  });

  test('absent = "host" leaves the address to the host; apply follows each change, and uninstall removes it', () => {
    configure('absent = "host"');
    lab.guestgate('apply');
    expect(answers()).toEqual(ofHost);
    configure();
    expect(lab.guestgate('check')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(
        `packets to ${secondAddress} are not dropped while the guest does not run`,
      ),
    });
    expect(lab.guestgate('apply', '--dry-run').stdout).toContain(
      `absent guests:\n  + ${secondAddress} dropped while guest "mail" does not run`,
    );
    expect(JSON.parse(lab.guestgate('apply', '--dry-run', '--json').stdout)).toMatchObject({
      networks: [],
      absent: { added: [{ address: secondAddress }, { address: secondAddress6 }], removed: [] },
    });
    lab.guestgate('apply');
    expect(answers()).toEqual(dropped);
    expect(JSON.parse(lab.guestgate('status', '--json').stdout)).toMatchObject({
      networks: [],
      absent: [{ address: secondAddress, guest: 'mail' }, { address: secondAddress6 }],
    });
    lab.configure('');
    expect(lab.guestgate('check').stdout).toContain(`packets to ${secondAddress} are still dropped`);
    lab.guestgate('apply');
    expect(answers()).toEqual(ofHost);
    expectAgreement();
    configure();
    lab.guestgate('apply');
    lab.guestgate('uninstall');
    expect(answers()).toEqual(ofHost);
  });

  test('without allow_from the host gets it, unless absent = "drop"', () => {
    const policy = `[guest.mail]\npublic_address = ["${secondAddress}", "${secondAddress6}"]\n`;
    lab.configure(policy);
    lab.guestgate('apply');
    expect(answers()).toEqual(ofHost);
    lab.configure(`${policy}absent = "drop"\n`);
    lab.guestgate('apply');
    expect(answers()).toEqual(dropped);
  });

  test("the host's own address is left to it by default, and dropped if the policy says so", () => {
    configure('', [publicAddress, publicAddress6, thirdAddress]);
    expect(lab.guestgate('apply')).toMatchObject({ status: 0 });
    expect(answers(publicAddress, publicAddress6)).toEqual(ofHost);
    expect(lab.fetch('client', thirdAddress, 80)).toBe('timed out');
    const left = lab.guestgate('check');
    expect(left).toMatchObject({ status: 0 });
    expect(left.stdout).toContain(
      `note: guest "mail": packets to ${publicAddress} reach the host while the guest does not run, from all sources: the host itself leaves with it`,
    );
    expect(left.stdout).toContain(`packets to ${publicAddress6} reach the host`);
    expect(lab.guestgate('doctor').stdout).toContain(`packets to ${publicAddress} reach the host`);
    configure('absent = "drop"', [publicAddress, publicAddress6]);
    lab.guestgate('apply');
    expect(answers(publicAddress, publicAddress6)).toEqual(dropped);
    const forced = lab.guestgate('check');
    expect(forced).toMatchObject({ status: 0 });
    expect(forced.stdout).toContain('clients cannot reach the host there');
  });

  const boot = 'ip route del default; ip -6 route del default; rm -rf /run/guestgate';
  const addressesCome = `ip addr add ${secondAddress}/24 dev eth0; ip addr add ${secondAddress6}/64 dev eth0 nodad`;
  const addressesGo = `ip addr del ${secondAddress}/24 dev eth0; ip addr del ${secondAddress6}/64 dev eth0`;
  const routesTo = (source: string, source6: string) =>
    `ip route add default via ${client} src ${source}; ip -6 route add default via ${client6} src ${source6}`;
  const routesCome = routesTo(publicAddress, publicAddress6);

  test('at boot the address comes after libvirtd, the default route later: the next event drops, and an own address is given back', () => {
    configure();
    lab.host.sh(`${addressesGo}; ${boot}`);
    lab.daemonHook('start');
    expect(lab.guestgate('check').stdout).toContain('without a default route and another address');
    lab.host.sh(addressesCome);
    lab.networkHook('started', lab.networkXml());
    expect(answers(), 'the host keeps another address').toEqual(dropped);
    lab.host.sh(routesTo(secondAddress, secondAddress6));
    lab.networkHook('started', lab.networkXml());
    expect(answers(), "it is the host's own").toEqual(ofHost);
    lab.host.sh(`ip route del default; ip -6 route del default; ${routesCome}`);
    lab.networkHook('started', lab.networkXml());
    expect(answers()).toEqual(dropped);
    lab.host.sh('ip route del default; ip -6 route del default');
    lab.networkHook('started', lab.networkXml());
    expect(answers(), 'an uplink that fails changes nothing').toEqual(dropped);
    lab.host.sh(routesCome);
    expectAgreement();
  });

  test('a watcher that begins at boot needs no event: by default it drops when the address comes, with absent = "drop" before', async () => {
    for (const [policy, isEarly] of [
      ['', false],
      ['absent = "drop"', true],
    ] as const) {
      configure(policy);
      lab.host.sh(`${addressesGo}; ${boot}`);
      lab.host.start('/usr/bin/guestgate', ['watch']);
      const has = (text: string) => lab.guestgate('status').stdout.includes(text);
      const drops = () => has(`${secondAddress} dropped`) && has(`${secondAddress6} dropped`);
      const isReady = () =>
        isEarly ? drops() : lab.host.sh('ls /run/guestgate || true').includes('uplinks.json');
      await until('the watcher has begun', isReady);
      expect(drops()).toBe(isEarly);
      lab.host.sh(addressesCome);
      if (!isEarly) await until('the watcher drops', drops);
      // Files say so before the kernel does.
      await until('packets are dropped', () => isDeepStrictEqual(answers(), dropped));
      lab.host.sh(routesCome);
      expectAgreement();
      lab.host.sh('kill -TERM $(cat /run/guestgate/watcher)');
      await until('the watcher has ended', () => lab.host.sh('pgrep -f "[g]uestgate watch" || true') === '');
    }
  });

  test('a mistake in the policy changes nothing', () => {
    configure();
    lab.guestgate('apply');
    configure('forward = ["x"]');
    lab.guestgate('apply');
    lab.networkHook('started', lab.networkXml());
    expect(answers()).toEqual(dropped);
    lab.host.write('/etc/guestgate/guestgate.toml', '[guest.mail');
    lab.guestgate('replay');
    expect(answers()).toEqual(dropped);
  });

  test('explain names the guest', () => {
    configure();
    lab.guestgate('apply');
    for (const address of [`${secondAddress}:22`, `[${secondAddress6}]:22`]) {
      const { status, stdout } = lab.guestgate('explain', address);
      expect(stdout).toMatch(/\nDropped in .*\. It is for guest "mail", which does not run\.\n/);
      expect(status).toBe(1);
    }
  });

  test('another program removes the rules: the start of libvirtd puts them back', () => {
    configure();
    lab.guestgate('apply');
    lab.host.sh(`nft flush ruleset; for p in iptables ip6tables; do $p-legacy -t mangle -F INPUT; done`);
    expect(answers()).toEqual(ofHost);
    expect(lab.guestgate('check').status).toBe(1);
    lab.daemonHook('start');
    expect(answers()).toEqual(dropped);
    expectAgreement();
  });
});
