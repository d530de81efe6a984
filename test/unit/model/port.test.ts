import { expect, test } from 'vitest';
import { formatPorts, overlap, parsePorts } from '../../../src/model/port.ts';

test.each([
  ['1', { first: 1, last: 1 }],
  ['65535', { first: 65535, last: 65535 }],
  ['60000-60010', { first: 60000, last: 60010 }],
  ['7-7', { first: 7, last: 7 }],
])('%s', (text, ports) => expect(parsePorts(text)).toEqual(ports));

test.each([
  '',
  '0',
  '65536',
  '-1',
  '1-',
  '-',
  '10-9',
  '1-2-3',
  '1:2',
  ' 1',
  '1 ',
  '1.0',
  '1e3',
  '0x50',
  '٨٠',
  '80\n',
  '99999999999',
])('%j is not a port', (text) => expect(parsePorts(text)).toBeUndefined());

test('written and read again they are the same', () => {
  for (const text of ['1', '60000-60010'])
    expect(formatPorts(parsePorts(text) ?? { first: 0, last: 0 })).toBe(text);
});

test('ranges overlap if they have a port in common', () => {
  expect(overlap({ first: 1, last: 5 }, { first: 5, last: 9 })).toBe(true);
  expect(overlap({ first: 1, last: 4 }, { first: 5, last: 9 })).toBe(false);
  expect(overlap({ first: 1, last: 9 }, { first: 3, last: 4 })).toBe(true);
});
