import { expect, test } from 'vitest';
import { macOfDuid } from '../../../src/libvirt/duid.ts';

/* RFC 8415, 11: only two kinds of identifier hold a MAC address, and only if the hardware is Ethernet. */

test.each([
  ['by link layer address', '00:03:00:01:52:54:00:aa:bb:01', '52:54:00:aa:bb:01'],
  ['as libvirt writes it, without leading zeros', '0:3:0:1:52:54:0:AA:bb:1', '52:54:00:aa:bb:01'],
  ['with a time', '00:01:00:01:2a:3b:4c:5d:52:54:00:aa:bb:01', '52:54:00:aa:bb:01'],
  ['with a time that is missing', '00:01:00:01:52:54:00:aa:bb:01', undefined],
  ['of another hardware', '00:03:00:06:52:54:00:aa:bb:01', undefined],
  ['by a number of the maker', '00:02:00:00:ab:11:52:54:00:aa:bb:01', undefined],
  ['too short', '00:03:00:01:52:54', undefined],
  ['no hex', '00:03:00:01:52:54:00:aa:bb:zz', undefined],
])('%s', (_, duid, mac) => {
  expect(macOfDuid(duid)).toBe(mac);
});
