import { expect, test } from 'vitest';
import { describeOpenPort, parseOpenPort } from '../../../src/policy/open-port-syntax.ts';

test.each([
  ['443', ['443/tcp']],
  [' 22/TCP ', ['22/tcp']],
  ['8000-8010/udp', ['8000-8010/udp']],
  ['53/tcp+udp', ['53/tcp', '53/udp']],
  ['53/udp+udp', ['53/udp']],
])('%j is %j', (text, expected) => {
  const parsed = parseOpenPort(text);
  expect(Array.isArray(parsed) && parsed.map(describeOpenPort)).toEqual(expected);
});

test.each(['', '/', 'ssh', '0', '65536', '10-9', '22/', '22/icmp', '22/tcp/udp', '80:8080', '-1'])(
  '%j is invalid, and the hint says what is valid',
  (text) => {
    expect(parseOpenPort(text)).toMatchObject({ problem: expect.any(String), hint: expect.any(String) });
  },
);
