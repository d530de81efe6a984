import { expect, test } from 'vitest';
import { describeRoute, resultOf } from '../../../src/explain/trace-words.ts';

test('routes in words', () => {
  expect(describeRoute({ kind: 'local' })).toBe('this host itself');
  expect(describeRoute({ kind: 'out', interface: 'virbr0' })).toBe('out through virbr0');
  expect(describeRoute({ kind: 'none', why: 'no-route' })).toContain('no route');
  expect(describeRoute({ kind: 'none', why: 'rp-filter' })).toContain('rp_filter');
});

const hit = { chain: 'c', rule: 'r', did: 'to 192.168.122.41:80' };

test.each([
  [{ verdict: 'accept', by: 'r', stops: [hit], doubts: [] }, 'accept'],
  [{ verdict: 'drop', stops: [], doubts: [] }, 'drop (by default: no rule matched)'],
  [
    { verdict: 'translated', by: 'r', stops: [{ ...hit, did: 'x' }, hit], doubts: [] },
    'translated to 192.168.122.41:80',
  ],
] as const)('%#', (walked, text) => {
  expect(resultOf(walked)).toBe(text);
});
