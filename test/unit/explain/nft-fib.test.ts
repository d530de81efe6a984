import { describe, expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import { askFib, type FibQuestion } from '../../../src/explain/nft-fib.ts';
import type { Packet } from '../../../src/explain/packet.ts';

const own: Readonly<Record<string, string>> = { '198.51.100.1': 'eth0', '203.0.113.1': 'eth1' };

const surroundings = {
  addressType: (address: string) => (address in own ? ('local' as const) : ('unicast' as const)),
  addressTypeOn: (address: string, name: string) =>
    own[address] === name ? ('local' as const) : ('unicast' as const),
  // Everything distant leaves by eth0, but for marked packets.
  interfaceTo: (address: string, mark: number) =>
    address in own || address === '192.0.2.9' ? undefined : mark === 5 ? 'eth1' : 'eth0',
  firstAddress: () => '198.51.100.1',
};

function answer(result: string, flags: FibQuestion['flags'] & object, changes: Partial<Packet> = {}) {
  const asked = { address: '203.0.113.1', port: 80, protocol: 'tcp' as const };
  const packet = { ...packetOf(asked, '198.18.0.1', 'eth0'), ...changes };
  return askFib({ result, flags }, packet, surroundings);
}

describe('the interface of a route', () => {
  test('back to the source: any, or the one that the packet came by', () => {
    expect(answer('oif', ['saddr'])).toBe('eth0');
    expect(answer('oif', ['saddr'], { input: 'eth1' })).toBe('eth0');
    expect(answer('oif', ['saddr', 'iif'])).toBe('eth0');
    expect(answer('oifname', ['saddr', 'iif'], { input: 'eth1' })).toBe('0');
  });

  test("the packet's mark counts where the rule says so", () => {
    expect(answer('oif', ['saddr', 'mark', 'iif'], { input: 'eth1', mark: 5 })).toBe('eth1');
    expect(answer('oif', ['saddr', 'iif'], { input: 'eth1', mark: 5 })).toBe('0');
  });

  test('there is none to an address of the host, or without a route', () => {
    expect(answer('oif', ['daddr'])).toBe('0');
    expect(answer('oif', ['saddr'], { source: '192.0.2.9' })).toBe('0');
    expect(answer('oif', ['daddr'], { destination: '198.18.0.2' })).toBe('eth0');
  });

  test('what the host sends to itself has one', () => {
    expect(answer('oif', ['saddr', 'iif'], { source: '198.51.100.1', input: 'lo' })).toBe('lo');
  });
});

describe('the type of an address', () => {
  test('on the host, or on the interface that the packet came by', () => {
    expect(answer('type', ['daddr'])).toBe('local');
    expect(answer('type', ['daddr', 'iif'])).toBe('unicast');
    expect(answer('type', ['daddr', 'iif'], { input: 'eth1' })).toBe('local');
    expect(answer('type', ['saddr', 'iif'])).toBe('unicast');
  });

  test('at loopback', () => {
    expect(answer('type', ['daddr', 'iif'], { destination: '127.0.0.1' })).toBe('unicast');
    expect(answer('type', ['daddr', 'iif'], { destination: '127.0.0.1', input: 'lo' })).toBe('local');
  });

  test('in IPv6, on an interface, only its own addresses are certain', () => {
    const six = { family: 'ip6' as const, destination: '2001:db8::9' };
    expect(answer('type', ['daddr', 'iif'], six)).toBeUndefined();
  });
});

test('what the host alone cannot decide has no answer', () => {
  expect(answer('check', ['saddr'])).toBeUndefined();
  expect(answer('oif', ['saddr', 'something'])).toBeUndefined();
  expect(answer('oif', ['mark'])).toBeUndefined();
  expect(answer('type', ['daddr', 'oif'])).toBeUndefined();
});
