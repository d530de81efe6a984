import { expect, test } from 'vitest';
import { insideRules } from '../../../../src/backends/iptables/inside.ts';

test('a port is what a bridge is in the base ruleset; 127.0.0.0/8 exists in IPv4 only', () => {
  const rules = insideRules({ kind: 'inside', interface: 'tap1' }, '-m comment --comment web', 'ip');
  expect(rules.map(({ table, chain }) => `${table} ${chain}`)).toEqual([
    'mangle GUESTGATE-PREROUTING',
    'mangle GUESTGATE-PREROUTING',
    'mangle GUESTGATE-HAIRPIN',
    'nat GUESTGATE-INTERFACES',
  ]);
  expect(rules[2]?.rule).toBe('-i tap1 -o tap1 -m comment --comment web -j GUESTGATE-DEPART');
  expect(insideRules({ kind: 'inside', interface: 'tap1', family: 'ip6' }, '', 'ip6')).toHaveLength(2);
});
