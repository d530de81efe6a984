import { expect, test } from 'vitest';
import { wordsOf } from '../../../src/netfilter/iptables-save.ts';
import { parseRule } from '../../../src/netfilter/saved-rule.ts';

test('options belong to the match before them, and those behind the target to it', () => {
  const text = '! -s 192.0.2.1/32 -m set --match-set list src -j REJECT --reject-with tcp-reset';
  const { matches, target } = parseRule({ text, words: wordsOf(text) });
  expect(matches).toMatchObject([
    { option: '-s', negated: true, module: '' },
    { option: '--match-set', negated: false, module: 'set', words: ['list', 'src'] },
  ]);
  expect(target).toMatchObject({ name: 'REJECT', goto: false });
  expect(target?.options.get('--reject-with')).toBe('tcp-reset');
});
