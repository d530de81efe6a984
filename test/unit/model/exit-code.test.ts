import { expect, test } from 'vitest';
import { exitCodes } from '../../../src/model/exit-code.ts';

test('each exit code has one meaning, below what a shell uses for signals', () => {
  const codes = Object.values(exitCodes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toBeLessThan(126);
});

test('done alone is success for a shell', () => {
  expect(Object.entries(exitCodes).filter(([, code]) => code === 0)).toEqual([['done', 0]]);
});
