import { expect, test } from 'vitest';
import { type Tables, withRules } from '../../../../src/backends/iptables/tables.ts';

const empty: Tables = {
  filter: new Map([['A', { ordered: ['first'], free: [] }]]),
  mangle: new Map(),
  nat: new Map(),
};

test('rules with a place follow those that are there, in their order; others are apart', () => {
  const { filter } = withRules(empty, [
    { table: 'filter', chain: 'A', rule: 'free', ordered: false },
    { table: 'filter', chain: 'A', rule: 'second', ordered: true },
    { table: 'filter', chain: 'A', rule: 'third', ordered: true },
  ]);
  expect(filter.get('A')).toEqual({ ordered: ['first', 'second', 'third'], free: ['free'] });
});

test('a chain that is not there yet is made, in its own table alone', () => {
  const { filter, nat } = withRules(empty, [{ table: 'nat', chain: 'B', rule: 'x', ordered: false }]);
  expect(nat.get('B')).toEqual({ ordered: [], free: ['x'] });
  expect(filter.has('B')).toBe(false);
});

test('the tables that it was made from stay as they were', () => {
  withRules(empty, [{ table: 'filter', chain: 'A', rule: 'more', ordered: true }]);
  expect(empty.filter.get('A')).toEqual({ ordered: ['first'], free: [] });
});
