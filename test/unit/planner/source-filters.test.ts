import { expect, test } from 'vitest';
import { sourceFilter, within } from '../../../src/planner/source-filters.ts';

const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
const from = ['2001:db8:7::/48', '198.51.100.0/24', '198.51.100.7/32'];

test('without a list all may, with an empty one none', () => {
  expect(sourceFilter(claim, undefined)).toEqual([]);
  expect(sourceFilter(claim, [])).toEqual([{ kind: 'source-filter', claim, from: [] }]);
});

test('networks count in the family of what is claimed, and a family without any is closed', () => {
  expect(sourceFilter(claim, from)).toMatchObject([{ from: ['198.51.100.0/24'] }]);
  expect(sourceFilter({ host: '2001:db8::1' }, from)).toMatchObject([{ from: ['2001:db8:7::/48'] }]);
  expect(sourceFilter({ ...claim, host: 'any6' }, ['198.51.100.0/24'])).toMatchObject([{ from: [] }]);
  expect(within(from, 'ip6')).toEqual(['2001:db8:7::/48']);
});
