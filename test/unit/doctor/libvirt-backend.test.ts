import { expect, test } from 'vitest';
import { judgeLibvirtBackend } from '../../../src/doctor/libvirt-backend.ts';

const forward = '-P FORWARD ACCEPT\n-A FORWARD -j LIBVIRT_FWX\n-A FORWARD -j LIBVIRT_FWI\n';
const fixes = (configuration: string) =>
  judgeLibvirtBackend(configuration, forward, true).map(({ fix }) => fix);

test('rules of one back end alone are no finding', () => {
  expect(judgeLibvirtBackend('', forward, false)).toEqual([]);
  expect(judgeLibvirtBackend('', '-P FORWARD ACCEPT', true)).toEqual([]);
});

test("libvirt's rules of two back ends: those that the configuration does not name go", () => {
  expect(fixes('#firewall_backend = "nftables"\n')[0]).toMatch(/^nft delete table/);
  expect(fixes('firewall_backend = "iptables"\n')[0]).toMatch(/^nft delete table/);
  expect(fixes('\n  firewall_backend="nftables"\n')).toEqual([
    'iptables -D FORWARD -j LIBVIRT_FWX; iptables -D FORWARD -j LIBVIRT_FWI',
  ]);
});

test('only jumps of FORWARD are removed', () => {
  const others = '-A INPUT -j LIBVIRT_INP\n-A FORWARD -j DOCKER-USER\n';
  expect(judgeLibvirtBackend('firewall_backend = "nftables"\n', others, true)).toEqual([]);
});
