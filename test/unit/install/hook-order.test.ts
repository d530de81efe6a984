import { expect, test } from 'vitest';
import { readRepository } from '../../support/repository.ts';

const lines = readRepository('install/hook-order.txt').trimEnd().split('\n');

test('the order of bytecode is what bun reads: its edition, then functions, modules and strings by hash', () => {
  expect(lines[0]).toBe('v2');
  expect(lines.slice(1).filter((line) => !/^[FMNS] [\da-f]{16}$/.test(line))).toEqual([]);
});

test('it has the functions of an event, and none twice', () => {
  const functions = lines.filter((line) => line.startsWith('F '));
  expect(functions.length).toBeGreaterThan(500);
  expect(new Set(functions).size).toBe(functions.length);
});
