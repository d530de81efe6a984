import { expect, test } from 'vitest';
import { parseAsked } from '../../../src/explain/explain.ts';

test.each([
  ['203.0.113.10:8080', { address: '203.0.113.10', port: 8080, protocol: 'tcp' }],
  ['203.0.113.10:53/udp', { address: '203.0.113.10', port: 53, protocol: 'udp' }],
  ['[2001:DB8::1]:2905/sctp', { address: '2001:db8::1', port: 2905, protocol: 'sctp' }],
])('%s', (text, asked) => {
  expect(parseAsked(text)).toEqual(asked);
});

test.each([
  '203.0.113.10',
  '203.0.113.10:0',
  '203.0.113.10:65536',
  '203.0.113.10:80/icmp',
  '2001:db8::1:80',
  ':80',
  'web:80',
])('%s is none', (text) => {
  expect(() => parseAsked(text)).toThrow('invalid target');
});
