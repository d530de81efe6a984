import { expect, test } from 'vitest';
import { isWaiting, judgeLeases } from '../../../src/doctor/leases.ts';
import type { Guest } from '../../../src/model/guest.ts';

const waiting = (guest: Partial<Guest> = {}) => ({
  guest: { driver: 'qemu', name: 'web', nics: [], ...guest } as Guest,
  byLease: true as const,
  problems: [],
});

test('a guest waits if DHCP is to give it an address, and it has none', () => {
  expect(isWaiting({ byLease: true })).toBe(true);
  expect(isWaiting({ byLease: true, address: '192.168.122.9' })).toBe(false);
  expect(isWaiting({})).toBe(false);
});

test('a reservation is made for the first interface on a network, before one on a bridge', () => {
  const nics = [
    { mac: '52:54:00:aa:bb:01', bridge: 'br0', addresses: [] },
    { mac: '52:54:00:aa:bb:02', network: 'dmz', addresses: [] },
  ];
  expect(judgeLeases([waiting({ nics })])[0]?.fix).toBe(
    `virsh net-update dmz add ip-dhcp-host '<host mac="52:54:00:aa:bb:02" ip="ADDRESS"/>' --live --config && guestgate replay web`,
  );
});

test('without an interface the command leaves its MAC address open', () => {
  expect(judgeLeases([waiting()])[0]?.fix).toContain('net-update default add ip-dhcp-host \'<host mac="MAC"');
});

test('names of guests and networks are words of the shell', () => {
  const nics = [{ mac: '52:54:00:aa:bb:02', network: 'my net', addresses: [] }];
  const fix = judgeLeases([waiting({ name: '$(reboot)', nics })])[0]?.fix ?? '';
  expect(fix).toContain("net-update 'my net' add");
  expect(fix.endsWith("replay '$(reboot)'")).toBe(true);
});
