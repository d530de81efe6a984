import { expect, test } from 'vitest';
import { type EntryReader, readList } from '../../../src/policy/read-list.ts';
import { reading } from './problems.ts';

/** A list of numbers: a text has one for each of its words. */
const reader: EntryReader<{ readonly number: number }> = {
  parse: (text) =>
    text === 'bad'
      ? { problem: 'no number', hint: 'like 1' }
      : text.split(' ').map((word) => ({ number: Number(word) })),
  describe: ({ number }) => `#${number}`,
  read: ({ port, from }) =>
    typeof port === 'number'
      ? { parsed: [{ number: port }], from: from === undefined ? undefined : [], limits: { connections: 5 } }
      : undefined,
};
const read = (value: string | readonly unknown[] | undefined) =>
  reading((place, problems) => readList(value, 'open', '"1"', place, problems, reader));

test.each([
  [undefined, undefined, []],
  [[], [], []],
  [
    '1 2',
    [
      { number: 1, text: '1 2' },
      { number: 2, text: '1 2' },
    ],
    [],
  ],
  [[{ port: 3 }], [{ number: 3, connections: 5, text: '#3' }], []],
  [[{ port: 3, from: [] }], [{ number: 3, from: [], connections: 5, text: '#3' }], []],
  [['bad', '1'], [{ number: 1, text: '1' }], ['open.0: open: no number (like 1)']],
  [['1', 7], [{ number: 1, text: '1' }], ['open.1: must be "1"']],
  [[null], [], ['open.0: must be "1"']],
  [[new Date(0)], [], ['open.0: must be "1"']],
  [[{}], [], ['open.0: port is missing (write "1")']],
  // Its type is wrong: that was told already.
  [[{ port: 'x' }], [], []],
])('%j', (value, expected, told) => {
  expect(read(value)).toEqual({ value: expected, told });
});
