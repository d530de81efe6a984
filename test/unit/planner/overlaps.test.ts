import { expect, test } from 'vitest';
import type { Claim } from '../../../src/model/claim.ts';
import type { PortRange } from '../../../src/model/port.ts';
import { contradict } from '../../../src/planner/conflicts.ts';
import { Overlaps } from '../../../src/planner/overlaps.ts';
import { PortTree } from '../../../src/planner/port-tree.ts';
import { Random } from './random.ts';

function randomRange({ below }: Random): PortRange {
  const [a, b] = [1 + below(65_535), 1 + below(65_535)];
  const narrow = { first: a, last: Math.min(65_535, a + below(20)) };
  return below(3) > 0 ? narrow : { first: Math.min(a, b), last: Math.max(a, b) };
}

function randomClaim(random: Random): Claim {
  const addresses = ['203.0.113.1', '203.0.113.2', '2001:db8::1'];
  if (random.below(8) === 0) return { host: random.pick(addresses) };
  const host = random.pick([...addresses, 'any', 'any6']);
  return { host, protocol: random.pick(['tcp', 'udp']), ports: randomRange(random) };
}

test('the first contradiction, of any owner but one, is the one that comparing with all finds', () => {
  const random = new Random(7);
  for (let round = 0; round < 60; round++) {
    const overlaps = new Overlaps<Claim>();
    const all: { claim: Claim; owner: string }[] = [];
    for (let count = 0; count < 60; count++) {
      const claim = randomClaim(random);
      const except = random.pick([undefined, 'a', 'b', 'c']);
      const first = all.find((one) => one.owner !== except && contradict(one.claim, claim));
      expect(overlaps.first(claim, except)).toBe(first?.claim);
      const owner = random.pick(['a', 'b', 'c']);
      overlaps.add(claim, claim, owner);
      all.push({ claim, owner });
    }
  }
});

test.each<[PortRange, PortRange, boolean]>([
  [{ first: 80, last: 80 }, { first: 80, last: 80 }, true],
  [{ first: 80, last: 80 }, { first: 81, last: 81 }, false],
  [{ first: 1, last: 65_535 }, { first: 65_535, last: 65_535 }, true],
  [{ first: 4096, last: 8191 }, { first: 8192, last: 8192 }, false],
  [{ first: 4096, last: 8191 }, { first: 1, last: 4095 }, false],
  [{ first: 4095, last: 4096 }, { first: 4096, last: 9000 }, true],
  [{ first: 1000, last: 2000 }, { first: 1999, last: 3000 }, true],
  [{ first: 1000, last: 2000 }, { first: 2001, last: 3000 }, false],
])('%o and %o: %s', (one, other, expected) => {
  for (const [added, asked] of [
    [one, other],
    [other, one],
  ] as const) {
    const tree = new PortTree<string>();
    tree.add(added, { value: 'x', owner: 'x', order: 0 });
    expect(tree.find(asked, undefined)?.value === 'x').toBe(expected);
    expect(tree.find(asked, 'x')).toBeUndefined();
  }
});
