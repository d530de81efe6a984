import { expect, test } from 'vitest';
import { isUnicastMac } from '../../../src/model/mac.ts';
import { contextMac } from '../../../src/netns/context-mac.ts';

test.each([
  [20, 1001, 0, '02:00:14:03:e9:00'],
  [4094, 49151, 255, '02:0f:fe:bf:ff:ff'],
  [0, 2, 1, '02:00:00:00:02:01'],
])('VLAN %i, context %i, interface %i: %s', (vlan, context, number, mac) => {
  expect(contextMac(vlan, context, number)).toBe(mac);
  expect(isUnicastMac(mac)).toBe(true);
  // The second bit of the first byte: locally administered.
  expect(Number.parseInt(mac.slice(0, 2), 16) & 2).toBe(2);
});
