import { expect, test } from 'vitest';
import { judgeBridgeFilter } from '../../../src/doctor/bridge-nf.ts';
import { judgeCheck } from '../../../src/doctor/check-findings.ts';
import { judgeConfinement } from '../../../src/doctor/confinement.ts';
import { judgeConntrack } from '../../../src/doctor/conntrack.ts';
import { judgeFirewalld } from '../../../src/doctor/firewalld.ts';
import { judgePlaces } from '../../../src/doctor/foreign-rules.ts';
import { judgeForwardPolicy } from '../../../src/doctor/forward-policy.ts';
import { judgeProbes, type Probed } from '../../../src/doctor/guest-firewall.ts';
import { judgeGuests, type NamedGuest } from '../../../src/doctor/guests-down.ts';
import { judgeForwarding } from '../../../src/doctor/ip-forward.ts';
import { judgeLibvirtBackend } from '../../../src/doctor/libvirt-backend.ts';
import { judgeDaemon } from '../../../src/doctor/libvirtd.ts';
import { judgeLimits } from '../../../src/doctor/limits.ts';
import { judgeListeners } from '../../../src/doctor/listeners.ts';
import { judgeXen } from '../../../src/doctor/xen.ts';
import { type Finding, headRuleFault } from '../../../src/model/finding.ts';
import type { HostAddress } from '../../../src/model/host-address.ts';
import { addressOf } from '../../../src/system/listeners.ts';

const fixes = (findings: readonly { readonly fix: string }[]) => findings.map(({ fix }) => fix);

test('Xen: its scripts must call us, and the source addresses of guests must be checked where they are restricted', () => {
  const well = { scripts: true, callsUs: true, unchecked: undefined, hasSources: true };
  expect(judgeXen(well)).toEqual([]);
  expect(judgeXen({ ...well, scripts: false, callsUs: false })).toEqual([]);
  expect(judgeXen({ ...well, callsUs: false })).toMatchObject([
    { severity: 'something', fix: 'guestgate install' },
  ]);
  const unchecked = { problem: 'not checked', severity: 'later', fix: 'apt-get install nftables' } as const;
  expect(judgeXen({ ...well, unchecked })).toEqual([{ subject: 'Xen', ...unchecked }]);
  expect(judgeXen({ ...well, unchecked, hasSources: false })).toEqual([]);
});

test('guests that do not run: each is started through its own driver, and the program that could know one is named', () => {
  const judge = (here: { libvirt: boolean; xen: boolean }, ...guests: NamedGuest[]) =>
    judgeGuests(guests, ['shop'], here);
  const libvirt = { libvirt: true, xen: false };
  expect(judge(libvirt, { name: 'web', state: 'runs' })).toEqual([]);
  for (const [driver, fix] of [
    ['qemu', 'virsh start web'],
    ['lxc', 'virsh -c lxc:///system start web'],
    ['libxl', 'virsh -c xen:///system start web'],
  ] as const)
    expect(fixes(judge(libvirt, { name: 'web', state: 'defined', driver }))).toEqual([fix]);
  const unknown = { name: 'web', state: 'unknown' } as const;
  const named = 'the configuration has a policy for it, and ';
  expect(judge(libvirt, unknown)).toMatchObject([
    {
      subject: 'guest "web"',
      problem: `${named}libvirt knows no guest of that name (it knows "shop")`,
      fix: 'virsh list --all',
    },
  ]);
  expect(judge({ libvirt: false, xen: true }, unknown)).toMatchObject([
    { problem: `${named}Xen runs no guest of that name (it runs "shop")`, fix: 'xl list' },
  ]);
  expect(judge({ libvirt: true, xen: true }, unknown)).toMatchObject([
    {
      problem: `${named}libvirt knows no guest of that name, nor does Xen run one (they know "shop")`,
      fix: 'virsh list --all',
    },
  ]);
});

test('findings of check: a command fixes each, and head rules are left to the check that shows the rules above', () => {
  const fault = (more: Partial<Finding> = {}): Finding => ({
    subject: 'kernel',
    problem: 'x',
    severity: 'something',
    ...more,
  });
  const mistake = fault({ subject: '/etc/guestgate/guestgate.toml:1', advice: 'write a port' });
  const unread = fault({ kind: 'unread', severity: 'later', fix: 'nft -j list ruleset' });
  const headRule: Finding = { subject: 'kernel', ...headRuleFault('iptables FORWARD') };
  expect(judgeCheck([mistake], [headRule, fault(), unread, fault({ fix: 'guestgate apply' })])).toEqual([
    { ...mistake, fix: 'guestgate check   # after an edit of the file' },
    { ...fault(), fix: 'guestgate replay' },
    unread,
    fault({ fix: 'guestgate apply' }),
  ]);
});

test('a mistake comes first, once, and without a replay that does not help', () => {
  const guest = { driver: 'qemu', name: 'web' } as const;
  const where = '/etc/guestgate/guestgate.toml:2';
  const mistake: Finding = { subject: where, problem: 'unknown key "addres"', severity: 'something' };
  const same: Finding = { ...mistake, subject: { guest, at: where } };
  const missing: Finding = { subject: { guest }, problem: 'no interface on "dmz"', severity: 'something' };
  const refused: Finding = { ...missing, kind: 'refused', problem: 'nft: no memory' };
  expect(fixes(judgeCheck([mistake], [same, missing, refused]))).toEqual([
    'guestgate check   # after an edit of the file',
    'guestgate check   # after an edit of its policy',
    'guestgate replay',
  ]);
  const unknown: Finding = { ...missing, kind: 'no-address' };
  expect(judgeCheck([], [unknown])).toHaveLength(1);
  expect(judgeCheck([], [unknown], [], [guest])).toEqual([]);
});

test('forwarding, of the families in use', () => {
  expect(
    judgeForwarding(
      new Map([
        ['ip', '1'],
        ['ip6', '1'],
      ]),
    ),
  ).toEqual([]);
  expect(
    fixes(
      judgeForwarding(
        new Map([
          ['ip', '0'],
          ['ip6', '0'],
        ]),
      ),
    ),
  ).toEqual(['sysctl -w net.ipv4.ip_forward=1', 'sysctl -w net.ipv6.conf.all.forwarding=1']);
  expect(judgeForwarding(new Map([['ip6', undefined]]))).toEqual([]);
});

test('a nearly full table of connections is a warning, a full one blocks everything', () => {
  expect(judgeConntrack(79, 100)).toEqual([]);
  expect(judgeConntrack(80, 100)).toMatchObject([
    { severity: 'later', fix: 'sysctl -w net.netfilter.nf_conntrack_max=200' },
  ]);
  expect(judgeConntrack(100, 100)).toMatchObject([{ severity: 'everything' }]);
  expect(judgeConntrack(Number.NaN, Number.NaN)).toEqual([]);
});

test('bridged frames meet a policy of DROP', () => {
  expect(judgeBridgeFilter('1', '-P FORWARD ACCEPT')).toEqual([]);
  expect(judgeBridgeFilter(undefined, '-P FORWARD DROP')).toEqual([]);
  expect(fixes(judgeBridgeFilter('1', '-P FORWARD DROP\n'))).toEqual([
    'sysctl -w net.bridge.bridge-nf-call-iptables=0',
  ]);
});

test("a policy of DROP cuts off guests whose bridge no rule admits; libvirt's own chains admit it", () => {
  const judge = (listing: string) =>
    judgeForwardPolicy([{ family: 'ip', program: 'iptables-nft', listing }], ['virbr0']);
  expect(judge('-P FORWARD ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -j LIBVIRT_FWO\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr01 -j ACCEPT\n')).toHaveLength(1);
});

test('of many rules above ours the first are shown', () => {
  const above = Array.from({ length: 7 }, (_, index) => `-A FORWARD -p ${index} -j DROP`);
  const [finding] = judgePlaces([
    { name: 'iptables FORWARD', first: false, above },
    { name: 'ip libvirt_network forward', first: true, above: [] },
  ]);
  expect(finding?.details).toEqual([...above.slice(0, 5), 'and 2 more']);
});

test('firewalld, if it runs and is strict', () => {
  expect(judgeFirewalld('StrictForwardPorts=yes\n', false)).toEqual([]);
  expect(judgeFirewalld('# StrictForwardPorts=yes\nStrictForwardPorts=no\n', true)).toEqual([]);
  expect(judgeFirewalld('DefaultZone=public\nStrictForwardPorts = yes\n', true)).toHaveLength(1);
});

test("libvirt's rules of two back ends: those that the configuration does not name go", () => {
  const forward = '-A FORWARD -j LIBVIRT_FWX\n-A FORWARD -j LIBVIRT_FWI\n';
  expect(judgeLibvirtBackend('', forward, false)).toEqual([]);
  expect(judgeLibvirtBackend('', '-P FORWARD ACCEPT', true)).toEqual([]);
  expect(fixes(judgeLibvirtBackend('#firewall_backend = "nftables"\n', forward, true))[0]).toMatch(
    /^nft delete table/,
  );
  expect(fixes(judgeLibvirtBackend('firewall_backend = "nftables"\n', forward, true))).toEqual([
    'iptables -D FORWARD -j LIBVIRT_FWX; iptables -D FORWARD -j LIBVIRT_FWI',
  ]);
});

test('a service that listens on the port of a forward', () => {
  const judge = (host: HostAddress, address: string, protocol: 'tcp' | 'udp' = 'tcp', port = 8080) =>
    judgeListeners(
      [
        {
          guest: 'web',
          driver: 'qemu',
          element: {
            kind: 'forward',
            host,
            protocol: 'tcp',
            ports: { first: 8080, last: 8081 },
            guest: '192.168.122.41',
            to: 80,
          },
        },
      ],
      [{ protocol, address, port, process: 'nginx (process 7)' }],
    ).length;
  expect(judge('any', '0.0.0.0')).toBe(1);
  expect(judge('any', '::')).toBe(1);
  expect(judge('any', '203.0.113.1')).toBe(1);
  expect(judge('203.0.113.1', '203.0.113.1', 'tcp', 8081)).toBe(1);
  expect(judge('203.0.113.1', '203.0.113.2')).toBe(0);
  expect(judge('any', '127.0.0.1')).toBe(0);
  expect(judge('127.0.0.1', '127.0.0.1')).toBe(1);
  expect(judge('any', '0.0.0.0', 'udp')).toBe(0);
  expect(judge('any', '0.0.0.0', 'tcp', 8082)).toBe(0);
  expect(judge('any6', '0.0.0.0')).toBe(0);
});

test("/proc/net's addresses", () => {
  expect(addressOf('0100007F')).toBe('127.0.0.1');
  expect(addressOf('00000000000000000000000001000000')).toBe('::1');
  expect(addressOf('B80D0120000000000000000001000000')).toBe('2001:db8::1');
});

test('libvirtd, unless a hook was called since it was put there', () => {
  const hook = { path: '/etc/libvirt/hooks/qemu', ours: true, executable: true, since: 10_000 };
  const old = [{ name: 'libvirtd', pid: 7, since: 5000 }];
  expect(fixes(judgeDaemon(hook, old, undefined))).toEqual(['systemctl reload libvirtd']);
  expect(judgeDaemon(hook, old, 11_000)).toEqual([]);
  expect(judgeDaemon(hook, old, 9000)).toHaveLength(1);
  expect(judgeDaemon(hook, [{ name: 'libvirtd', pid: 7, since: 12_000 }], undefined)).toEqual([]);
  expect(judgeDaemon(undefined, old, undefined)).toEqual([]);
});

test('confinement', () => {
  const free = { profiles: '', enforcing: undefined, unconfined: undefined, program: '/opt/guestgate' };
  expect(judgeConfinement(free)).toEqual([]);
  expect(judgeConfinement({ ...free, profiles: 'libvirtd (complain)\n' })).toEqual([]);
  expect(judgeConfinement({ ...free, profiles: '/usr/sbin/libvirtd (enforce)\n' })).toHaveLength(1);
  expect(
    judgeConfinement({ ...free, profiles: 'libvirtd (enforce)\n', program: '/usr/bin/guestgate' }),
  ).toEqual([]);
  expect(judgeConfinement({ ...free, enforcing: '1', unconfined: '0 0' })).toHaveLength(1);
  expect(judgeConfinement({ ...free, enforcing: '1', unconfined: '1 1' })).toEqual([]);
  expect(judgeConfinement({ ...free, enforcing: '0', unconfined: '0 0' })).toEqual([]);
});

test('limits that a daemon hands down to its hooks', () => {
  const judge = (...lines: string[]) =>
    judgeLimits([
      { name: 'virtqemud', pid: 7, limits: ['Limit  Soft Limit  Hard Limit  Units', ...lines].join('\n') },
    ]);
  const unlimited = 'Max address space         unlimited            unlimited            bytes     ';
  expect(judge(unlimited)).toEqual([]);
  expect(judge()).toEqual([]);
  expect(judge('Max stack size            8388608              unlimited            bytes     ')).toEqual([]);
  expect(judge('Max open files            1024                 524288               files     ')).toEqual([]);
  expect(judge('Max address space         204800000            unlimited            bytes     ')).toEqual([
    {
      severity: 'everything',
      subject: 'virtqemud (process 7)',
      problem: expect.stringMatching(/^it has a limit of 204800000 .* 512 MiB /),
      advice: expect.stringContaining('LimitAS='),
      fix: 'prlimit --pid 7 --as=536870912:',
    },
  ]);
  expect(
    judge('Max stack size            65536                65536                bytes     '),
  ).toMatchObject([{ fix: 'prlimit --pid 7 --stack=262144' }]);
  expect(
    judge('Max open files            10                   1024                 files     '),
  ).toMatchObject([{ fix: 'prlimit --pid 7 --nofile=32:' }]);
});

test('what a guest answers the host, on its own network and from beyond it', () => {
  const probed = { guest: "it's", driver: 'qemu', address: 'fd00::1', port: 80, protocol: 'tcp' } as const;
  const judge = (more: Partial<Probed> & Pick<Probed, 'result'>) => judgeProbes([{ ...probed, ...more }]);
  expect(judge({ result: 'answered' })).toEqual([]);
  for (const result of ['refused', 'silent', 'unreachable'] as const)
    expect(judge({ result })).toMatchObject([{ fix: `virsh console 'it'\\''s'` }]);
  expect(judge({ result: 'silent', driver: 'lxc' })).toMatchObject([
    { fix: `virsh -c lxc:///system console 'it'\\''s'` },
  ]);
  expect(judge({ result: 'silent', driver: 'libxl' })).toMatchObject([{ fix: `xl console 'it'\\''s'` }]);
  const source = '2001:db8::1';
  expect(judge({ result: 'answered', distant: { source, result: 'answered' } })).toEqual([]);
  expect(judge({ result: 'answered', distant: { source, result: 'silent' } })).toMatchObject([
    { problem: expect.stringContaining('and not 2001:db8::1: the guest has no default route') },
  ]);
  // A guest that serves UDP 53 alone refuses TCP 53.
  expect(judge({ result: 'refused', protocol: 'udp' })).toEqual([]);
  expect(judge({ result: 'unreachable', protocol: 'udp' })).toMatchObject([
    { problem: expect.stringContaining('no guest has this address') },
  ]);
});
