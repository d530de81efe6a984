import { expect, test } from 'vitest';
import { isMac, isUnicastMac, linkLocalOf } from '../../../src/model/mac.ts';

test.each([
  ['00:16:3e:00:00:02', true],
  ['00:16:3E:00:00:02', false],
  ['00:16:3e:00:00', false],
  ['00:16:3e:00:00:02:03', false],
  ['00-16-3e-00-00-02', false],
  ['00:16:3e:00:00:0g', false],
  ['0:16:3e:00:00:02', false],
  ['00:16:3e:00:00:02\n', false],
])('%j is a MAC address: %s', (text, expected) => {
  expect(isMac(text)).toBe(expected);
});

test('an interface has no address of a group', () => {
  const all = ['02:00:00:00:00:01', '52:54:00:aa:bb:01', '03:00:00:00:00:01', '00:00:00:00:00:00', 'x'];
  expect(all.map(isUnicastMac)).toEqual([true, true, false, false, false]);
});

// RFC 4291, appendix A: the bit that says "universal" is turned over.
test.each([
  ['00:16:3e:00:00:02', 'fe80::216:3eff:fe00:2'],
  ['52:54:00:aa:bb:01', 'fe80::5054:ff:feaa:bb01'],
  ['02:00:00:00:00:00', 'fe80::ff:fe00:0'],
  ['ff:ff:ff:ff:ff:ff', 'fe80::fdff:ffff:feff:ffff'],
])('%s has %s', (mac, address) => {
  expect(linkLocalOf(mac)).toBe(address);
});
