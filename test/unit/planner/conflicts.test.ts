import { describe, expect, test } from 'vitest';
import type { AnyClaim, Claim, PortClaim } from '../../../src/model/claim.ts';
import type { Element } from '../../../src/model/element.ts';
import { claimsOf } from '../../../src/model/element-claims.ts';
import type { LimitElement } from '../../../src/model/limit-element.ts';
import { neighbourhoods, neighbourhoodsToSearch } from '../../../src/model/neighbourhood.ts';
import { type Protocol, protocols } from '../../../src/model/port.ts';
import { ClaimIndex } from '../../../src/planner/claim-index.ts';
import { contradict, describeClaim, withoutConflicts } from '../../../src/planner/conflicts.ts';
import { plan } from '../../../src/planner/plan.ts';
import { Random } from './random.ts';

const port = (host: string, protocol: Protocol, first: number, last = first): PortClaim => ({
  host,
  protocol,
  ports: { first, last },
});

test.each([
  [port('any', 'tcp', 80), port('any', 'tcp', 80), true],
  [port('any', 'tcp', 80), port('1.1.1.1', 'tcp', 80), true],
  [port('1.1.1.1', 'tcp', 80), port('1.1.1.2', 'tcp', 80), false],
  [port('any', 'tcp', 80), port('any', 'udp', 80), false],
  [port('any', 'tcp', 80), port('any6', 'tcp', 80), false],
  [port('any', 'tcp', 80), port('2001:db8::1', 'tcp', 80), false],
  [port('any6', 'tcp', 80), port('2001:db8::1', 'tcp', 80), true],
  [port('any6', 'tcp', 80), port('1.1.1.1', 'tcp', 80), false],
  [port('any', 'sctp', 80), port('any', 'tcp', 80), false],
  [port('any', 'tcp', 80, 90), port('any', 'tcp', 90, 99), true],
  [port('any', 'tcp', 80, 89), port('any', 'tcp', 90, 99), false],
  [{ host: '1.1.1.1' }, { host: '1.1.1.1' }, true],
  [{ host: '1.1.1.1' }, { host: '1.1.1.2' }, false],
  [{ host: '1.1.1.1' }, port('1.1.1.1', 'tcp', 80), false],
  [{ identity: '1.1.1.1' }, { identity: '1.1.1.1' }, true],
  [{ identity: '1.1.1.1' }, { identity: '1.1.1.2' }, false],
  [{ identity: '1.1.1.1' }, { host: '1.1.1.1' }, false],
])('%j and %j contradict: %s', (a, b, expected) => {
  expect(contradict(a, b)).toBe(expected);
  expect(contradict(b, a)).toBe(expected);
});

test('claims in words', () => {
  expect(
    [
      port('any', 'tcp', 80),
      port('any6', 'tcp', 80),
      port('1.1.1.1', 'udp', 80, 90),
      port('2001:db8::1', 'sctp', 80),
      { host: '1.1.1.1' },
      { identity: '1.1.1.1' },
      { identity: 'vnet3' },
    ].map(describeClaim),
  ).toEqual([
    'port 80/tcp',
    'port 80/tcp (IPv6)',
    '1.1.1.1:80-90/udp',
    '[2001:db8::1]:80/sctp',
    'address 1.1.1.1',
    'guest address 1.1.1.1',
    'interface vnet3',
  ]);
});

describe('neighbourhoods', () => {
  test('claims that contradict are found, whatever their widths', () => {
    const random = new Random(3);
    const claim = (): Claim => {
      const first = 1 + random.below(2000);
      return random.below(5) === 0
        ? { host: random.address() }
        : port(
            random.pick(['any', 'any6', random.address()]),
            random.pick(protocols),
            first,
            first + random.pick([0, 1, 15, 16, 255, 256, 257, 1000]),
          );
    };
    for (let round = 0; round < 20_000; round++) {
      const [a, b] = [claim(), claim()];
      if (!contradict(a, b)) continue;
      const found = neighbourhoodsToSearch(a, () => neighbourhoods(b));
      expect(
        neighbourhoods(b).some((place) => found.includes(place)),
        `${JSON.stringify(a)} ${JSON.stringify(b)}`,
      ).toBe(true);
    }
  });

  test('are few, and fit as files’ names', () => {
    for (const claim of [
      port('any', 'tcp', 1, 65535),
      port('any', 'udp', 1, 256),
      port('any', 'tcp', 65535),
      { host: '1.1.1.1' },
      { identity: 'fd00::1' },
    ]) {
      expect(neighbourhoods(claim).length).toBeLessThanOrEqual(17);
      for (const name of neighbourhoods(claim)) expect(name).toMatch(/^[a-z0-9-]+$/);
    }
  });
});

test('the index finds just the conflicts that comparing all with all finds', () => {
  const random = new Random(11);
  for (let round = 0; round < 200; round++) {
    const index = new ClaimIndex();
    const all: { claim: AnyClaim; holder: string }[] = [];
    for (let guest = 0; guest < 8; guest++) {
      const elements: Element[] = [...plan(random.policy(), random.guest(), random.host()).elements];
      const near = index.near(elements);
      const quick = withoutConflicts(elements, near);
      const slow = withoutConflicts(elements, all);
      expect(quick.accepted).toEqual(slow.accepted);
      expect(quick.refused.map(({ claim }) => claim)).toEqual(slow.refused.map(({ claim }) => claim));
      const holder = `guest-${guest}`;
      index.add(holder, quick.accepted);
      all.push(...quick.accepted.flatMap(claimsOf).map((claim) => ({ claim, holder })));
    }
    for (const a of all)
      for (const b of all) if (a.holder !== b.holder) expect(contradict(a.claim, b.claim)).toBe(false);
  }
});

describe('what is refused takes with it', () => {
  const held = [
    { claim: port('any', 'tcp', 80), holder: 'x' },
    { claim: { host: '1.1.1.1' }, holder: 'y' },
  ];
  const forward = (first: number): Element => ({
    kind: 'forward',
    host: 'any',
    protocol: 'tcp',
    ports: { first, last: first },
    guest: '2.2.2.2',
    to: 1,
  });

  test('its source filter, and nothing else', () => {
    const sourceFilter = (first: number): Element => ({
      kind: 'source-filter',
      claim: port('any', 'tcp', first),
      from: [],
    });
    const { accepted, refused } = withoutConflicts(
      [sourceFilter(80), forward(80), sourceFilter(81), forward(81)],
      held,
    );
    expect(accepted).toEqual([sourceFilter(81), forward(81)]);
    expect(refused).toEqual([{ claim: port('any', 'tcp', 80), holder: 'x' }]);
  });

  test('its limits', () => {
    const limit = (at: LimitElement['at']): Element => ({ kind: 'connection-limit', at, connections: 1 });
    const open = limit({ guest: '2.2.2.2', protocol: 'tcp', ports: { first: 80, last: 80 } });
    const own = [
      limit(port('any', 'tcp', 80)),
      forward(80),
      limit(port('any', 'tcp', 81)),
      forward(81),
      open,
    ];
    const { accepted, refused } = withoutConflicts(own, held);
    expect(accepted).toEqual(own.slice(2));
    expect(refused).toEqual([{ claim: port('any', 'tcp', 80), holder: 'x' }]);
  });

  test('the source address that goes with a public one', () => {
    const oneToOne: Element = { kind: 'one-to-one', host: '1.1.1.1', guest: '2.2.2.2' };
    const nat = (address: string): Element => ({
      kind: 'source-nat',
      guest: '2.2.2.2',
      interface: 'eth0',
      address,
    });
    expect(withoutConflicts([oneToOne, nat('1.1.1.1')], held).accepted).toEqual([]);
    expect(withoutConflicts([nat('1.1.1.1')], held).accepted).toEqual([nat('1.1.1.1')]);
  });
});
