import { expect, test } from 'vitest';
import { isInterfaceName } from '../../../src/model/interface-name.ts';

test.each([
  ['eth0', true],
  ['enp0s31f6', true],
  ['eth0.100', true],
  ['br-0a1b2c3d4e5f', true],
  ['wlan0@if3', true],
  ['vif1.0-emu', true],
  ['123456789012345', true],
  ['1234567890123456', false],
  ['', false],
  ['.', false],
  ['..', false],
  // A pattern for iptables.
  ['eth+', false],
  ['eth+0', true],
  // A wildcard, and the end of a string, for nft.
  ['eth*', false],
  ['eth"', false],
  ['eth{0}', false],
  ['eth 0', false],
  ['eth0\n', false],
  ['eth0;', false],
  ['a/b', false],
  ['ethé', false],
])('%j in a rule: %s', (name, expected) => {
  expect(isInterfaceName(name)).toBe(expected);
});
