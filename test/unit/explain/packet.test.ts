import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import {
  describePacket,
  redirect,
  socket,
  translateDestination,
  translateSource,
} from '../../../src/explain/packet.ts';

const four = () => packetOf({ address: '198.51.100.1', port: 8080, protocol: 'udp' }, '198.51.100.2', 'eth0');
const six = () => packetOf({ address: '2001:db8::1', port: 8080, protocol: 'tcp' }, '2001:db8::2', undefined);
const surroundings = {
  addressType: () => 'local' as const,
  addressTypeOn: () => 'local' as const,
  interfaceTo: () => 'eth0',
  firstAddress: (name: string) => (name === 'eth0' ? '198.51.100.10' : undefined),
};

test('a packet in words, an address of IPv6 in brackets', () => {
  expect(describePacket(four())).toBe('udp 198.51.100.2:49999 -> 198.51.100.1:8080');
  expect(describePacket(six())).toBe('tcp [2001:db8::2]:49999 -> [2001:db8::1]:8080');
  expect(socket('::1', 80)).toBe('[::1]:80');
});

test('a translation changes the packet, and not what it was asked for', () => {
  const packet = four();
  expect(translateDestination(packet, '192.168.122.41', 80)).toMatchObject({ what: 'to 192.168.122.41:80' });
  expect(translateSource(packet, '203.0.113.9')).toEqual({ kind: 'translated', what: 'from 203.0.113.9' });
  expect(packet).toMatchObject({
    destination: '192.168.122.41',
    port: 80,
    source: '203.0.113.9',
    destinationTranslated: true,
    sourceTranslated: true,
    original: { destination: '198.51.100.1', port: 8080, source: '198.51.100.2' },
  });
});

test('a redirection leads to the address of the interface, or to loopback for what the host sends', () => {
  expect(redirect(four(), 53, surroundings)).toMatchObject({ what: 'to 198.51.100.10:53' });
  expect(redirect(six(), 53, surroundings)).toMatchObject({ what: 'to [::1]:53' });
  expect(redirect({ ...four(), input: 'eth9' }, 53, surroundings)).toMatchObject({ what: 'to 127.0.0.1:53' });
});
