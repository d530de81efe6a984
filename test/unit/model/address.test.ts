import { describe, expect, test } from 'vitest';
import {
  contains,
  familyOf,
  isNetworkOrBroadcast,
  mergeNetworks,
  networkOf,
  numberedAddress,
  parseAddress,
  parseNetwork,
  prefixOfNetmask,
} from '../../../src/model/address.ts';
import { seeded } from '../fixtures.ts';

test.each([
  ['192.168.122.41', '192.168.122.41'],
  ['0.0.0.0', '0.0.0.0'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
])('%s is an address', (text, normal) => expect(parseAddress(text)).toBe(normal));

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '010.1.1.1',
  '1.2.3.04',
  '256.1.1.1',
  '1.2.3.-4',
  '0x7f.1.1.1',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.4\n',
  '1.2.3.4/32',
  '١.1.1.1',
  ':::',
  '2001:db8::1::2',
  'fe80::1%eth0',
  '[::1]',
  'localhost',
  '__proto__',
])('%j is not an address', (text) => expect(parseAddress(text)).toBeUndefined());

test.each([
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.2.3', '10.1.2.3/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:db8::1/64', '2001:db8::/64'],
  ['::1', '::1/128'],
])('%s is the network %s', (text, network) => expect(parseNetwork(text)).toBe(network));

test.each([
  '',
  '/',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  '10.0.0.0/255.0.0.0',
  '::/129',
  'any',
])('%j is not a network', (text) => expect(parseNetwork(text)).toBeUndefined());

test('families', () => expect(['1.2.3.4', '::1'].map(familyOf)).toEqual(['ip', 'ip6']));

test.each([
  ['255.255.255.0', 24],
  ['255.255.255.255', 32],
  ['0.0.0.0', 0],
  ['255.0.255.0', undefined],
  ['', undefined],
  ['garbage', undefined],
])('netmask %j is /%s', (netmask, prefix) => expect(prefixOfNetmask(netmask)).toBe(prefix));

test('an address lies in the network of its own that networkOf makes, and families do not mix', () => {
  expect(contains(networkOf('192.168.122.41', 24), '192.168.122.41')).toBe(true);
  expect(contains('192.168.122.0/24', '192.168.123.1')).toBe(false);
  expect(contains('0.0.0.0/0', '::1')).toBe(false);
  expect(contains('::/0', '1.2.3.4')).toBe(false);
});

test('no host has the first or last address, but in /31 and /32', () => {
  expect(isNetworkOrBroadcast('192.168.122.0/24', '192.168.122.0')).toBe(true);
  expect(isNetworkOrBroadcast('192.168.122.0/24', '192.168.122.255')).toBe(true);
  expect(isNetworkOrBroadcast('192.168.122.0/24', '192.168.122.1')).toBe(false);
  expect(isNetworkOrBroadcast('192.168.122.0/31', '192.168.122.0')).toBe(false);
  expect(isNetworkOrBroadcast('2001:db8::/64', '2001:db8::')).toBe(false);
});

describe('merged networks', () => {
  test('hold the same addresses, and none lies inside another', () => {
    const random = seeded(1);
    for (let round = 0; round < 300; round++) {
      const networks = Array.from({ length: 1 + random(8) }, () =>
        networkOf(`10.0.${random(4)}.${random(256)}`, 20 + random(13)),
      );
      const merged = mergeNetworks(networks);
      for (let probe = 0; probe < 20; probe++) {
        const address = `10.0.${random(4)}.${random(256)}`;
        expect(merged.some((network) => contains(network, address))).toBe(
          networks.some((network) => contains(network, address)),
        );
      }
      for (const one of merged)
        for (const other of merged)
          if (one !== other) expect(contains(one, other.split('/')[0] ?? '')).toBe(false);
    }
  });

  test('keep families apart', () => {
    expect(mergeNetworks(['0.0.0.0/0', '::/0', '10.0.0.0/8', '::1/128'])).toEqual(['0.0.0.0/0', '::/0']);
  });
});

test.each([
  ['10.200.1.0/24', 1, '10.200.1.1'],
  ['10.200.1.0/24', 255, '10.200.1.255'],
  ['10.200.1.0/24', 256, undefined],
  ['10.200.1.2/32', 1, undefined],
  ['fd00:200::/64', 1, 'fd00:200::1'],
  ['10.200.1.0/24', -1, undefined],
])('address number %i of %s is %s', (network, number, expected) => {
  expect(numberedAddress(network as string, number as number)).toBe(expected);
});
