import { expect, test } from 'vitest';
import { judgeBridgeFilter } from '../../../src/doctor/bridge-nf.ts';
import { judgeConfinement } from '../../../src/doctor/confinement.ts';
import { judgeFirewalld } from '../../../src/doctor/firewalld.ts';
import { judgePlaces } from '../../../src/doctor/foreign-rules.ts';
import { judgeForwardPolicy } from '../../../src/doctor/forward-policy.ts';
import { judgeLibvirtBackend } from '../../../src/doctor/libvirt-backend.ts';
import { judgeDaemon } from '../../../src/doctor/libvirtd.ts';
import { judgeLimits } from '../../../src/doctor/limits.ts';
import { judgeListeners } from '../../../src/doctor/listeners.ts';
import { judgeXen } from '../../../src/doctor/xen.ts';
import type { HostAddress } from '../../../src/model/host-address.ts';
import type { PlaceStanding } from '../../../src/reconcile/head-rule-standing.ts';
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

test('bridged frames meet a policy of DROP', () => {
  expect(judgeBridgeFilter('1', '-P FORWARD ACCEPT')).toEqual([]);
  expect(judgeBridgeFilter(undefined, '-P FORWARD DROP')).toEqual([]);
  expect(fixes(judgeBridgeFilter('1', '-P FORWARD DROP\n'))).toEqual([
    'sysctl -w net.bridge.bridge-nf-call-iptables=0',
  ]);
});

test("a policy of DROP cuts off guests whose bridge no rule admits; libvirt's own chains admit it", () => {
  const judge = (listing: string, meets = true) =>
    judgeForwardPolicy([{ family: 'ip', program: 'iptables-nft', listing }], ['virbr0'], () => meets);
  expect(judge('-P FORWARD ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -j LIBVIRT_FWO\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j ACCEPT\n')).toEqual([]);
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr01 -j ACCEPT\n')).toHaveLength(1);
  // Shorewall's own chains admit them.
  expect(judge('-P FORWARD DROP\n-A FORWARD -i virbr0 -j loc_frwd\n', false)).toEqual([]);
});

function placed({ inPlace, ...standing }: { readonly inPlace: boolean } & Partial<PlaceStanding>) {
  const none = { inPlace, position: 0, above: { count: 0 }, obstacles: [], without: [] };
  const state = {
    name: 'iptables FORWARD',
    needed: standing.stopped === undefined,
    first: inPlace,
    found: [],
  };
  return { ...state, inPlace, standing: { ...none, ...standing } };
}

test('of many rules above ours the first are shown', () => {
  const above = Array.from({ length: 7 }, (_, index) => `-A FORWARD -p ${index} -j DROP`);
  const [finding, ...others] = judgePlaces([
    placed({ inPlace: false, obstacles: above }),
    placed({ inPlace: true }),
  ]);
  expect(finding?.details).toEqual([...above.slice(0, 5), 'and 2 more']);
  expect(others).toEqual([]);
});

test('a ban above guestgate is no finding; one that does not hold is a warning, and no fix takes a ban away', () => {
  const ban = '-A FORWARD -s 198.51.100.2/32 -j DROP';
  expect(judgePlaces([placed({ inPlace: true, position: 1, above: { count: 1 } })])).toEqual([]);
  const below = (above: number) =>
    judgePlaces([placed({ inPlace: true, above: { count: above }, without: [ban] })]);
  expect(below(1)).toMatchObject([{ severity: 'later', fix: 'guestgate replay', details: [ban] }]);
  expect(below(0)).toMatchObject([
    { severity: 'later', fix: 'iptables -A GUESTGATE-USER -s 198.51.100.2/32 -j DROP', details: [ban] },
  ]);
});

test('a stopped Shorewall blocks everything, and is not started by guestgate', () => {
  expect(judgePlaces([placed({ inPlace: false, stopped: 'Shorewall' })])).toMatchObject([
    { severity: 'everything', fix: 'shorewall start' },
  ]);
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
