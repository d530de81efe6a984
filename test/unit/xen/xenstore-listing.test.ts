import { describe, expect, test } from 'vitest';
import { parseXenstoreListing, unescapeXenstore } from '../../../src/xen/xenstore-listing.ts';

describe('a value', () => {
  test.each([
    ['plain', 'plain'],
    ['a \\"quote\\"', 'a \\"quote\\"'],
    ['tab\\tand\\nline\\r', 'tab\tand\nline\r'],
    ['a \\\\ backslash', 'a \\ backslash'],
    ['\\\\n is no line', '\\n is no line'],
    ['caf\\xc3\\xa9', 'café'],
    ['caf\\303\\251', 'café'],
    ['ends in \\', 'ends in \\'],
  ])('%s', (printed, value) => {
    expect(unescapeXenstore(printed)).toBe(value);
  });
});

test('each line is a node; what is no line of a node is passed over', () => {
  const listing = [
    '/local/domain/1 = ""',
    '/local/domain/1/name = "my "web""',
    '/local/domain/1/vm = "/vm/aaaa"   (n0,r1)',
    '/local/domain/1/name is odd',
    '',
  ].join('\n');
  expect([...parseXenstoreListing(listing)]).toEqual([
    ['/local/domain/1', ''],
    ['/local/domain/1/name', 'my "web"'],
    ['/local/domain/1/vm', '/vm/aaaa'],
  ]);
});
