import { expect, test } from 'vitest';
import { lineSplitter } from '../../../src/system/run-lines.ts';

function split(...pieces: string[]): string[] {
  const lines: string[] = [];
  const take = lineSplitter((line) => lines.push(line));
  for (const piece of pieces) take(piece);
  return lines;
}

test('lines come whole, however they were cut', () => {
  expect(split('add ta', 'ble ip x\ndelete', ' table ip x\n', '\nun')).toEqual([
    'add table ip x',
    'delete table ip x',
    '',
  ]);
});

test('a line without an end is not kept', () => {
  const [line = ''] = split(...Array.from({ length: 1000 }, () => 'x'.repeat(1000)), '\n');
  expect(line.length).toBe(4096);
});
