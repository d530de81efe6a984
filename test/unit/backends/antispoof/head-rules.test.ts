import { describe, expect, test } from 'vitest';
import { antispoofPlaces, physdevRules } from '../../../../src/backends/antispoof/head-rules.ts';
import type { AntispoofElement } from '../../../../src/model/antispoof.ts';

const host = { legacyFilter: true, iptables: true };
const vif: AntispoofElement = { kind: 'vif', port: 'vif1.0', way: 'bridged' };
const [nft, legacy] = antispoofPlaces(host, 'ip');

function listing(...rules: readonly string[]): string {
  return ['*filter', ':FORWARD ACCEPT [0:0]', ...rules.map((rule) => `-A FORWARD ${rule}`), 'COMMIT'].join(
    '\n',
  );
}

describe('the place of the accepts', () => {
  test.each([
    [[], 'no', 0],
    [['-j GUESTGATE-VIFS'], 'both', 1],
    [['-j GUESTGATE-FORWARD', '-j GUESTGATE-VIFS'], 'both', 1],
    [['-j GUESTGATE-FORWARD', '-j GUESTGATE-VIFS', '-j LOG'], 'top', 1],
    [['-j GUESTGATE-VIFS', '-j GUESTGATE-FORWARD'], 'top', 1],
    [['-j GUESTGATE-FORWARD', '-j LOG', '-j GUESTGATE-VIFS'], 'bottom', 1],
    [['-j LOG', '-j GUESTGATE-VIFS', '-j DROP'], 'no', 1],
    [['-j GUESTGATE-VIFS', '-j GUESTGATE-VIFS'], 'no', 2],
  ] as const)('%j: %s', (rules, inPlace, jumps) => {
    for (const place of [nft, legacy])
      expect(place?.judge(listing(...rules))).toMatchObject({ inPlace, jumps });
    const listed = rules.map((rule, handle) => ({ handle, jump: rule.slice(3) }));
    expect(nft?.judgeRules(listed)).toMatchObject({ needed: true, inPlace, jumps });
  });

  test('a table that rejects nothing needs none', () => {
    expect(legacy?.judge(listing()).needed).toBe(false);
    expect(legacy?.judge(':FORWARD DROP [0:0]\n').needed).toBe(true);
    expect(legacy?.judge(undefined).needed).toBe(false);
    expect(nft?.judge(undefined).needed).toBe(false);
    expect(nft?.judgeRules(undefined).needed).toBe(false);
  });
});

describe('they are put', () => {
  const input = (rules: readonly string[], vifs: readonly AntispoofElement[]) => {
    const state = nft?.judge(listing(...rules));
    return state && nft?.assert(state, vifs).input;
  };

  test('behind our other head rule, if that is first, and once', () => {
    expect(input(['-j GUESTGATE-FORWARD', '-j LOG', '-j GUESTGATE-VIFS'], [vif])).toBe(`*filter
:GUESTGATE-VIFS - [0:0]
-D FORWARD -j GUESTGATE-VIFS
-I FORWARD 2 -j GUESTGATE-VIFS
-A GUESTGATE-VIFS -m physdev --physdev-in vif1.0 --physdev-is-bridged -j ACCEPT
-A GUESTGATE-VIFS -m physdev --physdev-out vif1.0 --physdev-is-bridged -j ACCEPT
COMMIT
`);
    expect(input([], [vif])).toContain('-I FORWARD 1 -j GUESTGATE-VIFS');
  });

  test('or last', () => {
    expect(input(['-j LOG'], [{ ...vif, bottom: true }])).toContain('\n-A FORWARD -j GUESTGATE-VIFS\n');
  });

  test('and taken away with all jumps', () => {
    const state = nft?.judge(listing('-j GUESTGATE-VIFS', '-j LOG', '-j GUESTGATE-VIFS'));
    expect(state && nft?.remove(state).input).toBe(
      '*filter\n:GUESTGATE-VIFS - [0:0]\n-D FORWARD -j GUESTGATE-VIFS\n-D FORWARD -j GUESTGATE-VIFS\n-X GUESTGATE-VIFS\nCOMMIT\n',
    );
  });
});

test('each variant of each family has programs of its own', () => {
  const programs = [...antispoofPlaces(host, 'ip'), ...antispoofPlaces(host, 'ip6')].map(
    ({ list }) => list.program,
  );
  expect(programs).toEqual([
    'iptables-nft-save',
    'iptables-legacy-save',
    'ip6tables-nft-save',
    'ip6tables-legacy-save',
  ]);
  expect(antispoofPlaces({ legacyFilter: false, iptables: false }, 'ip')).toEqual([]);
});

test('our rules are read out of a listing', () => {
  expect(physdevRules('-A FORWARD -j GUESTGATE-VIFS\n-A GUESTGATE-VIFS -j DROP\n')).toEqual([
    '-A GUESTGATE-VIFS -j DROP',
  ]);
});
