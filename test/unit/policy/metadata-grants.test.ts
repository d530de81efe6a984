import { expect, test } from 'vitest';
import { parseGrants } from '../../../src/policy/metadata-grants.ts';
import { tell } from './problems.ts';

const parse = (table: unknown) => parseGrants(table, { file: '/g.toml', path: ['host', 'metadata'] });

test('nothing written grants nothing', () => {
  expect(parse({})).toEqual({ grants: { keys: [], ports: [], addresses: [] }, problems: [] });
});

test('every key becomes what it means', () => {
  const table = { guests: 'web', keys: ['open'], ports: [22, '53/udp'], addresses: ['203.0.113.9'] };
  expect(parse(table)).toEqual({
    grants: {
      guests: ['web'],
      keys: ['open'],
      ports: [{ ports: { first: 22, last: 22 } }, { ports: { first: 53, last: 53 }, protocol: 'udp' }],
      addresses: ['203.0.113.9'],
    },
    problems: [],
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ key: [] }, 'unknown key "key"'],
  [{ keys: ['forward'] }, 'must be one of "address", "open", "public_address", "snat"'],
  [{ ports: ['x'] }, 'ports: invalid port "x"'],
  [{ addresses: ['x'] }, 'addresses: invalid address "x"'],
])('%j is one mistake', (table, message) => {
  expect(parse(table).problems.map(tell)).toEqual([expect.stringContaining(message)]);
});
