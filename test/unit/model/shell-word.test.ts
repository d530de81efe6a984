import { expect, test } from 'vitest';
import { shellWord } from '../../../src/model/shell-word.ts';

test.each([
  ['web', 'web'],
  ['two words', "'two words'"],
  ["it's", `'it'\\''s'`],
  ['-rf', "'-rf'"],
  ['$(reboot)', "'$(reboot)'"],
])('a word for the shell: %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
