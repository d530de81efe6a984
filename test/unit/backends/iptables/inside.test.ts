import { expect, test } from 'vitest';
import { insideRules } from '../../../../src/backends/iptables/inside.ts';

test('a port is what a bridge is in the base ruleset', () => {
  const rules = insideRules({ kind: 'inside', interface: 'tap1' }, '-m comment --comment web');
  expect(rules.map(({ table, chain }) => `${table} ${chain}`)).toEqual([
    'mangle GUESTGATE-SPOOFED',
    'mangle GUESTGATE-HAIRPIN',
    'nat GUESTGATE-INTERFACES',
  ]);
  expect(rules[1]?.rule).toBe('-i tap1 -o tap1 -m comment --comment web -j GUESTGATE-DEPART');
});
