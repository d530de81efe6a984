import { expect, test } from 'vitest';
import { readLimits } from '../../../src/policy/limits.ts';
import { reading } from './problems.ts';

const read = (rate?: string, connections?: string | number) =>
  reading((place, problems) => readLimits({ rate, connections }, place, problems));

test.each([
  ['10/second', { connections: 10, per: 'second' }],
  ['1 / hour', { connections: 1, per: 'hour' }],
  ['1000000/minute', { connections: 1_000_000, per: 'minute' }],
])('the rate %s', (text, rate) => {
  expect(read(text)).toEqual({ value: { rate }, told: [] });
});

test.each([
  '',
  '10',
  '0/second',
  '1000001/hour',
  '10/day',
  '10/seconds',
  '-1/second',
  '1.5/second',
  '1e3/second',
  '10/second/second',
])('the rate %j is invalid', (text) => {
  const { value, told } = read(text);
  expect(value).toEqual({});
  expect(told).toEqual([expect.stringContaining(`rate: rate: invalid rate "${text}" (write "10/second"`)]);
});

test.each([1, '20', 1_000_000])('%j connections', (number) => {
  expect(read(undefined, number)).toEqual({ value: { connections: Number(number) }, told: [] });
});

test.each([0, -1, 1_000_001, '', 'ten', '1.5', ' 5'])('%j connections are invalid', (number) => {
  expect(read(undefined, number)).toEqual({
    value: {},
    told: [expect.stringContaining('connections: connections: invalid number')],
  });
});

test('nothing written limits nothing', () => {
  expect(read()).toEqual({ value: {}, told: [] });
});
