import { expect, test } from 'vitest';
import {
  checkOneEach,
  checkSourceAddress,
  readAddresses,
  readNetworks,
} from '../../../src/policy/address-list.ts';
import { reading } from './problems.ts';

test.each<[string | string[] | undefined, string[] | undefined, string[]]>([
  [undefined, undefined, []],
  ['203.0.113.9', ['203.0.113.9'], []],
  [['203.0.113.9', '2001:DB8::0001', '2001:db8::1'], ['203.0.113.9', '2001:db8::1'], []],
  [[], [], []],
  ['eth0', [], ['snat: snat: invalid address "eth0" (like 203.0.113.10)']],
  [
    ['203.0.113.9', '127.0.0.1'],
    ['203.0.113.9'],
    ['snat.1: snat: 127.0.0.1 is reachable from the host itself only (like 203.0.113.10)'],
  ],
])('addresses %j', (texts, expected, told) => {
  expect(reading((place, problems) => readAddresses('snat', texts, place, problems))).toEqual({
    value: expected,
    told,
  });
});

test.each<[string | string[] | undefined, string[] | undefined, string[]]>([
  [undefined, undefined, []],
  [[], [], []],
  ['198.51.100.0/24', ['198.51.100.0/24'], []],
  [['198.51.100.7', '198.51.100.0/24'], ['198.51.100.0/24'], []],
  [
    ['198.51.100.0/33', '2001:db8::/32'],
    ['2001:db8::/32'],
    [
      'allow_from.0: allow_from: invalid network "198.51.100.0/33" (like 198.51.100.0/24, 198.51.100.7 or 2001:db8:7::/48)',
    ],
  ],
])('networks %j', (texts, expected, told) => {
  expect(reading((place, problems) => readNetworks(['allow_from'], texts, place, problems))).toEqual({
    value: expected,
    told,
  });
});

test.each<[string[], string[]]>([
  [['203.0.113.9', '2001:db8::1'], []],
  [
    ['203.0.113.9', '203.0.113.8'],
    ['address: address: 203.0.113.9 and 203.0.113.8 are two IPv4 addresses (keep one for forwards)'],
  ],
  [
    ['2001:db8::2', '2001:db8::1'],
    ['address: address: 2001:db8::2 and 2001:db8::1 are two IPv6 addresses (keep one for forwards)'],
  ],
])('a guest has one address of each family: %j', (addresses, told) => {
  expect(reading((place, problems) => checkOneEach('address', addresses, place, problems)).told).toEqual(
    told,
  );
});

test.each<[string[], string[], boolean]>([
  [[], ['203.0.113.9'], true],
  [['203.0.113.9'], ['203.0.113.8', '203.0.113.9'], true],
  [['203.0.113.1'], ['203.0.113.9'], false],
  [['2001:db8::1'], ['203.0.113.9'], true],
  [['203.0.113.1'], [], true],
])('to leave with %j beside the public addresses %j: %s', (snat, publicAddresses, allowed) => {
  const { told } = reading((place, problems) => checkSourceAddress(snat, publicAddresses, place, problems));
  expect(told.length === 0).toBe(allowed);
});
