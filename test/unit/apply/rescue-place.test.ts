import { expect, test } from 'vitest';
import { placeOf, type RescueFacts, readRescueFacts } from '../../../src/apply/rescue-place.ts';

const facts: RescueFacts = {
  families: ['ip'],
  configured: [],
  defaultRoutes: ['eth0'],
  links: ['eth0', 'eth1', 'eth2'],
  hasWireguard: false,
  addresses: [
    { interface: 'eth1', address: '192.168.1.2' },
    { interface: 'eth2', address: '203.0.113.9' },
  ],
  listeners: [],
  sessionPort: undefined,
};
const listener = (protocol: 'tcp' | 'udp', port: number, process?: string) => ({
  protocol,
  port,
  address: '0.0.0.0',
  ...(process !== undefined && { process }),
});

test('outside are the default routes, what the configuration names, and own links with a public address', () => {
  expect(placeOf({ ...facts, configured: ['br0'] }, 1)).toMatchObject({
    outside: ['br0', 'eth0', 'eth2'],
    trusted: ['eth1'],
  });
});

test('a bridge with a public address is the guests’: it is not outside', () => {
  const addresses = [{ interface: 'virbr1', address: '203.0.113.33' }];
  expect(placeOf({ ...facts, addresses }, 1)).toMatchObject({ outside: ['eth0'], trusted: ['eth1', 'eth2'] });
});

test('ssh keeps its real ports: 22, that of the session, and where sshd listens', () => {
  const found = [listener('tcp', 2222, 'sshd (process 7)'), listener('tcp', 111, 'systemd (process 1)')];
  expect(placeOf({ ...facts, listeners: found, sessionPort: 4022 }, 1).sshPorts).toEqual([22, 2222, 4022]);
});

test('before its first connection, systemd listens in place of sshd', () => {
  const found = [listener('tcp', 2200, 'systemd (process 1)'), listener('tcp', 80, 'nginx (process 9)')];
  expect(placeOf({ ...facts, listeners: found }, 1).sshPorts).toEqual([22, 2200]);
});

test('tunnels stay open: OpenVPN’s, and what no process has open where there is WireGuard', () => {
  const found = [
    listener('udp', 1194, 'openvpn (process 3)'),
    listener('udp', 51820),
    listener('udp', 123, 'chronyd (process 4)'),
  ];
  expect(placeOf({ ...facts, listeners: found }, 1).tunnelPorts).toEqual([1194]);
  expect(placeOf({ ...facts, listeners: found, hasWireguard: true }, 1).tunnelPorts).toEqual([1194, 51820]);
});

test('this host can be read', () => {
  expect(readRescueFacts(['x']).configured).toEqual(['x']);
  expect(Array.isArray(readRescueFacts([]).defaultRoutes)).toBe(true);
});
