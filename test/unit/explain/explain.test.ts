import { expect, test } from 'vitest';
import { packetOf, parseAsked, somewhere } from '../../../src/explain/explain.ts';
import { families, familyOf } from '../../../src/model/address.ts';

test.each([
  ['203.0.113.1:80', { address: '203.0.113.1', port: 80, protocol: 'tcp' }],
  ['203.0.113.1:53/udp', { address: '203.0.113.1', port: 53, protocol: 'udp' }],
  ['[2001:DB8::1]:65535/sctp', { address: '2001:db8::1', port: 65535, protocol: 'sctp' }],
])('%s', (text, asked) => expect(parseAsked(text)).toEqual(asked));

test.each([
  '',
  '203.0.113.1',
  '203.0.113.1:0',
  '203.0.113.1:65536',
  '203.0.113.1:80/icmp',
  '203.0.113.1:80/',
  '2001:db8::1:80',
  '[2001:db8::1]',
  'web:80',
  ' 203.0.113.1:80',
])('%j is refused, with the form that is expected', (text) => {
  expect(() => parseAsked(text)).toThrow(/^invalid target .*: expected ADDRESS:PORT/);
});

test('the first packet of a connection has no mark, is not translated, and remembers where it was sent', () => {
  const packet = packetOf({ address: '2001:db8::1', port: 80, protocol: 'udp' }, '2001:db8::2', 'eth0');
  expect(packet).toMatchObject({
    family: 'ip6',
    input: 'eth0',
    mark: 0,
    connectionMark: 0,
    connectionLabels: [],
    destinationTranslated: false,
    original: { source: '2001:db8::2', destination: '2001:db8::1', port: 80 },
  });
});

test('what the host itself sends arrives on no interface', () => {
  expect(
    packetOf({ address: '10.0.0.1', port: 80, protocol: 'tcp' }, '10.0.0.2', undefined),
  ).not.toHaveProperty('input');
});

test('somewhere is an address of documentation in its own family', () => {
  for (const family of families) expect(familyOf(somewhere[family])).toBe(family);
});
