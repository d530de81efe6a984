import { describe, expect, test } from 'vitest';
import { renderEdits, renderRebuild } from '../../../../src/backends/iptables/edits.ts';
import type { Chain, Tables } from '../../../../src/backends/iptables/tables.ts';

/* Between two states of our chains: what stays keeps its counters, and is asked for, so that a surprise changes nothing. */

type Rules = Readonly<Record<string, Chain>>;
const tables = (filter: Rules, nat: Rules = {}): Tables => ({
  filter: new Map(Object.entries(filter)),
  mangle: new Map(),
  nat: new Map(Object.entries(nat)),
});
const ordered = (...rules: string[]): Chain => ({ ordered: rules, free: [] });
const free = (...rules: string[]): Chain => ({ ordered: [], free: rules });
const lines = (before: Tables, after: Tables) => renderEdits(before, after).input.trim().split('\n');

describe('a chain of nat, whose order counts', () => {
  const change = (before: Chain, after: Chain) =>
    lines(tables({}, { A: before }), tables({}, { A: after })).slice(1, -1);

  test.each([
    ['nothing changes', ordered('a', 'b'), ordered('a', 'b'), ['-C A a', '-C A b']],
    ['one comes between', ordered('a', 'c'), ordered('a', 'b', 'c'), ['-C A a', '-I A 2 b', '-C A c']],
    ['one goes', ordered('a', 'b'), ordered('b'), ['-D A a', '-C A b']],
    [
      'two change places: both are put there again',
      ordered('a', 'b'),
      ordered('b', 'a'),
      ['-D A a', '-D A b', '-I A 1 b', '-I A 2 a'],
    ],
    ['a guest comes, whose place does not matter', free('x'), free('x', 'y'), ['-C A x', '-A A y']],
    ['a guest goes', free('x', 'y'), free('y'), ['-D A x', '-C A y']],
  ])('%s', (_, before, after, expected) => {
    expect(change(before, after)).toEqual(expected);
  });
});

test('filter opens before nat translates, and closes after it: no packet is translated and then refused', () => {
  const moved = lines(
    tables({ A: free('old') }, { B: ordered('to old') }),
    tables({ A: free('new') }, { B: ordered('to new') }),
  );
  const changes = moved.filter((line) => !/^(-C|COMMIT)/.test(line));
  expect(changes).toEqual([
    '*filter',
    '-A A new',
    '*nat',
    '-D B to old',
    '-I B 1 to new',
    '*filter',
    '-D A old',
  ]);
});

test.each([
  ['a chain is named before it is led to', {}, { A: ordered('a') }, [':A - [0:0]', '-I A 1 a']],
  ['a chain is emptied before it goes', { A: ordered('a') }, {}, ['-F A', '-X A']],
])('%s', (_, before, after, expected) => {
  expect(lines(tables({}, before), tables({}, after)).slice(1, -1)).toEqual(expected);
});

test('what only asks changes nothing', () => {
  const same = tables({ A: free('a') }, { B: ordered('b') });
  expect(renderEdits(same, same)).toMatchObject({ changes: false, input: expect.stringContaining('-C B b') });
  expect(renderEdits(tables({}), tables({}))).toEqual({ changes: false, input: '' });
});

test('made again from nothing: every chain is emptied by its name, filled, and stale ones go', () => {
  const lines = (lacksUserChain: boolean) =>
    renderRebuild(
      tables({ A: { ordered: ['a'], free: ['x'] } }),
      { filter: ['OLD'], mangle: [], nat: [] },
      lacksUserChain,
    )
      .trim()
      .split('\n');
  // The administrator's chain is made where it is missing, and never named in the way that empties it.
  expect(lines(true).slice(0, 2)).toEqual(['*filter', '-N GUESTGATE-USER']);
  expect(lines(false)).toEqual(['*filter', ':A - [0:0]', '-A A a', '-A A x', '-F OLD', '-X OLD', 'COMMIT']);
});
