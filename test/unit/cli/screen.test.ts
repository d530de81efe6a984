import { expect, test } from 'vitest';
import { paint, plain, screenOf, shorten } from '../../../src/cli/screen.ts';

test('colours and widths are for terminals alone', () => {
  expect(screenOf({}, {})).toEqual(plain);
  expect(screenOf({ isTTY: true, columns: 100 }, {})).toEqual({ colours: true, width: 100 });
  expect(screenOf({ isTTY: true }, { NO_COLOR: '1' })).toEqual({ colours: false, width: 80 });
  expect(screenOf({ isTTY: true }, { TERM: 'dumb' }).colours).toBe(false);
  expect(screenOf({ isTTY: true }, { NO_COLOR: '' }).colours).toBe(true);
});

test('a text gets its colour only on a screen that has colours', () => {
  expect(paint({ colours: true }, 'red', 'x')).toBe('\u001b[31mx\u001b[0m');
  expect(paint({ colours: true }, undefined, 'x')).toBe('x');
  expect(paint(plain, 'red', 'x')).toBe('x');
});

test('a line that is too long ends in an ellipsis, also with wide characters', () => {
  expect(shorten({ colours: false, width: 5 }, 'abcde')).toBe('abcde');
  expect(shorten({ colours: false, width: 5 }, 'abcdef')).toBe('abcd…');
  expect(shorten({ colours: false, width: 5 }, '漢字漢字')).toBe('漢字…');
  expect(shorten(plain, 'abcdef')).toBe('abcdef');
});
