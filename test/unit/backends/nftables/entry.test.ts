import { expect, test } from 'vitest';
import { asListed } from '../../../../src/backends/nftables/entry.ts';

const listed = (key: string) => asListed({ set: 's', key }).key;

test.each([
  ['"virbr0" . "virbr0"', 'virbr0 . virbr0'],
  ['10.0.0.1/32 . tcp . 80', '10.0.0.1 . tcp . 80'],
  ['2001:db8::1/128 . 2001:db8::2', '2001:db8::1 . 2001:db8::2'],
  ['10.0.0.0/8 . 10.0.0.2', '10.0.0.0/8 . 10.0.0.2'],
  // A /32 of IPv6 is a network.
  ['2001:db8::/32 . tcp . 80', '2001:db8::/32 . tcp . 80'],
  ['2001:db8::1234/32', '2001:db8::1234/32'],
])('%s is listed as %s', (written, expected) => expect(listed(written)).toBe(expected));

test('the value stays as it is, and an entry of a set gets none', () => {
  expect(asListed({ set: 'm', key: 'tcp . 80', value: '10.0.0.2 . 80' })).toEqual({
    set: 'm',
    key: 'tcp . 80',
    value: '10.0.0.2 . 80',
  });
  expect(asListed({ set: 's', key: 'x' })).not.toHaveProperty('value');
});
