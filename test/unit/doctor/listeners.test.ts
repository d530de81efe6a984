import { expect, test } from 'vitest';
import { judgeListeners } from '../../../src/doctor/listeners.ts';
import type { HostAddress } from '../../../src/model/host-address.ts';
import { forwardOf } from '../records.ts';

const listener = { protocol: 'tcp', address: '0.0.0.0', port: 8080, process: 'nginx (process 7)' } as const;
const findings = (
  host: HostAddress,
  more: Partial<Omit<typeof listener, 'protocol' | 'address' | 'port'>> & {
    protocol?: 'tcp' | 'udp';
    address?: string;
    port?: number;
  },
  guest = 'web',
) =>
  judgeListeners(
    [{ guest, driver: 'qemu', element: forwardOf(0, { host, ports: { first: 8080, last: 8081 } }) }],
    [{ ...listener, ...more }],
  );
const judge = (host: HostAddress, address: string, protocol: 'tcp' | 'udp' = 'tcp', port = 8080) =>
  findings(host, { address, protocol, port }).length;

test('a service that listens on the port of a forward', () => {
  expect(judge('any', '0.0.0.0')).toBe(1);
  expect(judge('any', '::')).toBe(1);
  expect(judge('any', '203.0.113.1')).toBe(1);
  expect(judge('203.0.113.1', '203.0.113.1', 'tcp', 8081)).toBe(1);
  expect(judge('203.0.113.1', '203.0.113.2')).toBe(0);
  expect(judge('any', '0.0.0.0', 'udp')).toBe(0);
  expect(judge('any', '0.0.0.0', 'tcp', 8082)).toBe(0);
});

test('loopback is met by a forward of loopback alone', () => {
  expect(judge('any', '127.0.0.1')).toBe(0);
  expect(judge('127.0.0.1', '127.0.0.1')).toBe(1);
  expect(judge('any6', '::1')).toBe(0);
});

test('families: a socket of IPv4 is none of IPv6, and an address of IPv6 none of IPv4', () => {
  expect(judge('any6', '0.0.0.0')).toBe(0);
  expect(judge('2001:db8::1', '0.0.0.0')).toBe(0);
  expect(judge('any6', '2001:db8::1')).toBe(1);
  expect(judge('any', '2001:db8::1')).toBe(0);
  expect(judge('any6', '203.0.113.1')).toBe(0);
});

test('names of guests are quoted for the shell and for the terminal', () => {
  const [finding] = findings('any', { address: '::' }, "a'; reboot\u001b[2J");
  expect(finding?.problem).toContain('it listens at [::]:8080/tcp');
  expect(finding?.problem).not.toContain('\u001b');
  expect(finding?.fix).toContain("$'a\\'; reboot\\u001b");
});

test('several forwards of a guest that hide one service are one finding', () => {
  const forward = { guest: 'web', driver: 'qemu', element: forwardOf(8080) } as const;
  const other = { ...forward, element: forwardOf(8080, { host: '203.0.113.1' }) };
  expect(judgeListeners([forward, other], [listener])).toHaveLength(1);
});
