import { expect, test } from 'vitest';
import { parseUnicast } from '../../../src/policy/unicast.ts';

test.each([
  ['203.0.113.10', '203.0.113.10'],
  ['1.0.0.0', '1.0.0.0'],
  ['223.255.255.255', '223.255.255.255'],
  ['169.254.1.1', '169.254.1.1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['fd00::41', 'fd00::41'],
])('%s is the address of a host', (text, address) => {
  expect(parseUnicast(text)).toBe(address);
});

test.each([
  ['', 'invalid address ""'],
  ['203.0.113', 'invalid address "203.0.113"'],
  ['203.0.113.010', 'invalid address "203.0.113.010"'],
  ['203.0.113.1/24', 'invalid address'],
  ['fe80::1%eth0', 'invalid address'],
  ['127.0.0.1', 'reachable from the host itself only'],
  ['::1', 'reachable from the host itself only'],
  ['0.0.0.0', 'not the address of a single host'],
  ['224.0.0.1', 'not the address of a single host'],
  ['255.255.255.255', 'not the address of a single host'],
  ['ff02::1', 'not the address of a single host'],
  ['fe80::1', 'reachable from its own link only'],
  ['febf::1', 'reachable from its own link only'],
  ['::', 'not an address of an IPv6 packet'],
  ['::ffff:203.0.113.1', 'not an address of an IPv6 packet'],
])('%j is not: %s', (text, problem) => {
  expect(parseUnicast(text)).toMatchObject({
    problem: expect.stringContaining(problem),
    hint: text.includes(':') ? 'like 2001:db8::10' : 'like 203.0.113.10',
  });
});
