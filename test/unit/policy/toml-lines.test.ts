import { expect, test } from 'vitest';
import { lineOf } from '../../../src/policy/toml-lines.ts';

const text = `[host]
metadata = true

[guest.web]
address = "192.168.122.41"
forward = [
  "80",
  { port = "443",
    to = 8443 },
]
limits.deep.key = 1

["guest"."a.b"]
x = 1

[[guest.web.open]]
port = 22
[[guest.web.open]]
port = 23
`;

test.each<[(string | number)[], number]>([
  [['host'], 1],
  [['host', 'metadata'], 2],
  [['guest', 'web'], 4],
  [['guest', 'web', 'forward', 0], 7],
  [['guest', 'web', 'forward', 1, 'port'], 8],
  [['guest', 'web', 'limits', 'deep', 'key'], 11],
  [['guest', 'a.b', 'x'], 14],
  [['guest', 'web', 'open', 1, 'port'], 19],
  // The nearest thing around what is not there.
  [['host', 'nothing'], 1],
  [['guest', 'web', 'forward', 9], 6],
  [['nothing'], 1],
])('%j is in line %i', (path, line) => {
  expect(lineOf(text, path)).toBe(line);
});

test('a byte order mark, and lines that end as in Windows, move nothing', () => {
  expect(lineOf(`\ufeff${text.replaceAll('\n', '\r\n')}`, ['guest', 'web', 'forward', 0])).toBe(7);
});

test('what is no TOML has one line', () => {
  expect(lineOf('[guest', ['guest'])).toBe(1);
});
