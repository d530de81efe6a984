import { expect, test } from 'vitest';
import { baseRulesetDifferences, entryDifferences } from '../../../../src/backends/nftables/differences.ts';

const listing = (...entries: { set: string; key: string; value?: string }[]) => ({
  entries,
  baseRuleset: [],
});
const problems = (...args: Parameters<typeof entryDifferences>) =>
  entryDifferences(...args).map(({ problem }) => problem);

test('an entry as it is written and as the kernel lists it is the same', () => {
  const written = [
    { set: 'hairpin', key: '"virbr0" . "virbr0"' },
    { set: 'sources', key: '10.0.0.1/32 . tcp . 80' },
    { set: 'forward_any', key: 'tcp . 80', value: '10.0.0.2 . 80' },
  ];
  const listed = listing(
    { set: 'hairpin', key: 'virbr0 . virbr0' },
    { set: 'sources', key: '10.0.0.1 . tcp . 80' },
    { set: 'forward_any', key: 'tcp . 80', value: '10.0.0.2 . 80' },
  );
  expect(problems(written, listed)).toEqual([]);
});

test('an entry that is missing, one that is unexpected, and one that leads elsewhere differ', () => {
  const wanted = [
    { set: 'forward_any', key: 'tcp . 80', value: '10.0.0.2 . 80' },
    { set: 'forward_any', key: 'tcp . 81', value: '10.0.0.2 . 81' },
  ];
  const listed = listing(
    { set: 'forward_any', key: 'tcp . 80', value: '10.0.0.3 . 80' },
    { set: 'gateways', key: '192.168.122.1' },
  );
  expect(problems(wanted, listed)).toEqual([
    'forward_any { tcp . 80 } leads to 10.0.0.3 . 80, not to 10.0.0.2 . 80',
    'forward_any { tcp . 81 } is missing',
    'unexpected entry gateways { 192.168.122.1 }',
  ]);
});

test('the same key in another set is another entry', () => {
  expect(
    problems([{ set: 'leaving', key: '10.0.0.2' }], listing({ set: 'answering', key: '10.0.0.2' })),
  ).toHaveLength(2);
});

test('an entry that two elements need is missing once', () => {
  const entry = { set: 'answering', key: '10.0.0.2' };
  expect(problems([entry, entry], listing())).toEqual(['answering { 10.0.0.2 } is missing']);
});

test('chains are compared with those of a reference, and a change concerns everything', () => {
  const of = (...baseRuleset: string[]) => ({ entries: [], baseRuleset });
  const faults = (actual: string[], made: string[]) =>
    baseRulesetDifferences(of(...actual), of(...made), 'ip6');
  expect(faults(['a', 'b'], ['b', 'a'])).toEqual([]);
  expect(faults(['a', 'x', 'y'], ['a', 'b'])).toMatchObject([
    {
      severity: 'everything',
      problem: 'the chains of table ip6 guestgate were changed: 1 rule is missing, 2 are unexpected',
    },
  ]);
  expect(faults([], ['a', 'b'])[0]?.problem).toContain('2 rules are missing, 0 are unexpected');
});
