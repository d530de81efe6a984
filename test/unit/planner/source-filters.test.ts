import { expect, test } from 'vitest';
import { denied, sourceFilter, within } from '../../../src/planner/source-filters.ts';

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

test('denied sources reach no address of the guest, whether or not an element leads to it', () => {
  const forward = { kind: 'forward', ...claim, guest: '192.168.122.50', to: 80 } as const;
  expect(denied(['198.51.100.7/32', '2001:db8:7::/48'], 'ip', ['192.168.122.41'], [forward])).toEqual([
    { kind: 'denied', guest: '192.168.122.41', from: ['198.51.100.7/32'] },
    { kind: 'denied', guest: '192.168.122.50', from: ['198.51.100.7/32'] },
  ]);
  expect(denied([], 'ip', ['192.168.122.41'], [])).toEqual([]);
});
