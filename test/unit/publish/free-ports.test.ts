import { expect, test } from 'vitest';
import { wantsFreePort, withFreePorts } from '../../../src/publish/free-ports.ts';

const busy = (protocol: 'tcp' | 'udp', first: number, last = first) => ({ protocol, ports: { first, last } });

test.each<[string, string]>([
  [':80', '20000:80'],
  [':53/udp', '20001:53/udp'],
  [':53/tcp+udp', '20002:53/tcp+udp'],
  ['203.0.113.11::80', '203.0.113.11:20000:80'],
  ['[2001:db8::1]::80', '[2001:db8::1]:20000:80'],
  [':9000-9002', '20005-20007:9000-9002'],
  ['80', '80'],
  ['8443:443', '8443:443'],
])('%s becomes %s', (text, complete) => {
  const used = [
    busy('udp', 20000),
    busy('udp', 20001 - 1),
    busy('tcp', 20002 - 1),
    busy('tcp', 20003, 20004),
  ];
  expect(withFreePorts([text], used)).toEqual([complete]);
  expect(wantsFreePort(text)).toBe(text !== complete);
});

test('two forwards of one command get ports of their own', () => {
  expect(withFreePorts([':80', ':80', ':80/udp'], [])).toEqual(['20000:80', '20001:80', '20000:80/udp']);
});

test('where nothing is free, there is none', () => {
  expect(withFreePorts([':80'], [busy('tcp', 1, 65535)])).toEqual([undefined]);
});
