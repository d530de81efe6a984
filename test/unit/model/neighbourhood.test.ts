import { expect, test } from 'vitest';
import type { Claim, PortClaim } from '../../../src/model/claim.ts';
import { neighbourhoods, neighbourhoodsToSearch } from '../../../src/model/neighbourhood.ts';
import { contradict } from '../../../src/planner/conflicts.ts';
import { seeded } from '../fixtures.ts';

const port = (first: number, last = first): PortClaim => ({
  host: 'any',
  protocol: 'tcp',
  ports: { first, last },
});

test.each<[Claim, string[]]>([
  [port(80), ['tcp-5']],
  [port(79, 80), ['tcp-4', 'tcp-5']],
  [port(1, 15), ['tcp-0']],
  [port(65535), ['tcp-4095']],
  [port(0x100, 0x1ff), Array.from({ length: 16 }, (_, at) => `tcp-${16 + at}`)],
  [port(0x100, 0x200), ['tcp-wide']],
  [{ host: '203.0.113.9' }, ['addresses']],
])('%j is in %j', (claim, expected) => {
  expect(neighbourhoods(claim)).toEqual(expected);
});

test('whatever contradicts a claim is in a neighbourhood that is searched', () => {
  const below = seeded(7);
  const claims = Array.from({ length: 150 }, () => {
    const first = 1 + below(3000);
    return port(first, first + below(2) * below(900));
  });
  const existing = () => new Set(claims.flatMap(neighbourhoods));
  let found = 0;
  for (const one of claims) {
    const searched = new Set(neighbourhoodsToSearch(one, existing));
    for (const other of claims.filter((candidate) => contradict(one, candidate))) {
      expect(
        neighbourhoods(other).some((name) => searched.has(name)),
        JSON.stringify([one, other]),
      ).toBe(true);
      found++;
    }
  }
  expect(found).toBeGreaterThan(claims.length);
});

test('a port of another protocol is no neighbour, and what exists is asked for wide ranges only', () => {
  expect(neighbourhoodsToSearch(port(1, 60_000), () => ['udp-5', 'tcp-5', 'addresses', 'tcp-4000'])).toEqual([
    'tcp-wide',
    'tcp-5',
  ]);
  const neverAsked = () => {
    throw new Error('asked');
  };
  expect(neighbourhoodsToSearch(port(80), neverAsked)).toEqual(['tcp-5', 'tcp-wide']);
});
