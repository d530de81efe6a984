import { expect, test } from 'vitest';
import { isMac, linkLocalOf } from '../../../src/model/mac.ts';

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

// RFC 4291, appendix A: the bit that says "universal" is turned over.
test.each([
  ['00:16:3e:00:00:02', 'fe80::216:3eff:fe00:2'],
  ['52:54:00:aa:bb:01', 'fe80::5054:ff:feaa:bb01'],
  ['02:00:00:00:00:00', 'fe80::ff:fe00:0'],
  ['ff:ff:ff:ff:ff:ff', 'fe80::fdff:ffff:feff:ffff'],
])('%s has %s', (mac, address) => {
  expect(linkLocalOf(mac)).toBe(address);
});
