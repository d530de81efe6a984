import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../src/policy/configuration.ts';

const absent = (table: string) => {
  const text = `[guest.web]\n${table}`;
  const { absent, problems } = parseConfiguration([{ path: 'guestgate.toml', text }], 'guestgate.toml');
  return { absent, problems: problems.map(({ problem }) => problem) };
};
const address = 'public_address = "203.0.113.12"\n';
const sources = 'allow_from = ["198.51.100.0/24"]\n';
const web = { guest: 'web', addresses: ['203.0.113.12'] };

test.each([
  ['an allow_from', address + sources, [{ ...web, explicit: false }]],
  ['an empty allow_from', `${address}allow_from = []\n`, [{ ...web, explicit: false }]],
  ['no allow_from', address, []],
  ['"drop"', `${address}absent = "drop"`, [{ ...web, explicit: true }]],
  ['"host" and an allow_from', `${address}${sources}absent = "host"`, []],
  ['no public address', sources, []],
])('%s', (_, table, expected) => {
  expect(absent(table)).toEqual({ absent: expected, problems: [] });
});

test('a policy with a mistake does not count, and what has no effect is one', () => {
  expect(absent(`${address}${sources}forward = ["x"]`).absent).toEqual([]);
  expect(absent('absent = "drop"')).toEqual({
    absent: [],
    problems: ['absent has no effect without public_address'],
  });
  expect(absent(`${address}absent = "reject"`).problems).toEqual(['absent: must be "drop" or "host"']);
});
