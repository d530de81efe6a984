import { expect, test } from 'vitest';
import { networkEntries, openPortEntries } from '../../../src/policy/schema.ts';
import { isTable, problemAt, validateTable } from '../../../src/policy/validate.ts';
import { place, reading } from './problems.ts';

test('valid keys stay where others are wrong, and everything wrong is reported', () => {
  const table = { port: 22, protocl: 'tcp', from: [1], rate: ' 1/second ' };
  const { value, told } = reading((at, problems) => validateTable(openPortEntries, table, at, problems));
  expect(value).toEqual({ port: 22, rate: '1/second' });
  expect(told).toEqual([
    'protocl: unknown key "protocl" (did you mean "protocol"?)',
    expect.stringMatching(/^from\S*: from: must be a/),
  ]);
});

test.each(['__proto__', 'constructor', 'toString'])('%s is an unknown key, as any other', (key) => {
  const table = JSON.parse(`{"${key}":"x"}`);
  const { value, told } = reading((at, problems) => validateTable(networkEntries, table, at, problems));
  expect(value).toEqual({});
  expect(told[0]).toContain(`unknown key "${key}"`);
});

test.each([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [new Date(0), false],
  [null, false],
  ['x', false],
])('%j is a table: %s', (value, expected) => {
  expect(isTable(value)).toBe(expected);
});

test('a problem is below its table, and has a hint only if there is one', () => {
  expect(problemAt(place, ['forward', 1], 'x')).toEqual({
    where: '/g.toml',
    path: ['guest', 'web', 'forward', 1],
    problem: 'x',
  });
  expect(problemAt(place, [], 'x', 'y')).toMatchObject({ path: ['guest', 'web'], hint: 'y' });
});
