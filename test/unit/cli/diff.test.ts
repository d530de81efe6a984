import { expect, test } from 'vitest';
import { renderDiff } from '../../../src/cli/diff.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('');

test('changes that are far apart are shown apart, with two lines around each', () => {
  const before = numbers(20);
  const after = before.replace('4\n', '').replace('15\n', '15\n15a\n');
  expect(renderDiff('/f', before, after)).toBe(
    '--- /f\n+++ /f\n@@ -2,5 +2,4 @@\n 2\n 3\n-4\n 5\n 6\n@@ -14,4 +13,5 @@\n 14\n 15\n+15a\n 16\n 17',
  );
});

test('a new file is compared with /dev/null', () => {
  expect(renderDiff('/f', undefined, 'a\nb\n')).toBe('--- /dev/null\n+++ /f\n@@ -0,0 +1,2 @@\n+a\n+b');
});

test('a last line without a newline is marked', () => {
  expect(renderDiff('/f', 'a', 'a\nb\n')).toBe(
    '--- /f\n+++ /f\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b',
  );
});

test('an empty line at the end of a hunk keeps its blank', () => {
  expect(renderDiff('/f', 'a\n\n', 'b\n\n')).toBe('--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n-a\n+b\n ');
});

test('a file with thousands of lines shows only what changes in it', () => {
  const shown = renderDiff('/f', `a\n${numbers(5000)}z\n`, `b\n${numbers(5000)}y\n`);
  expect(shown.split('\n').filter((line) => /^[-+]\w/.test(line))).toEqual(['-a', '+b', '-z', '+y']);
});
