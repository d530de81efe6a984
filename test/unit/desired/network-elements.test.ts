import { describe, expect, test } from 'vitest';
import {
  bridgeElements,
  outside,
  outsideElements,
  unitedNetworks,
} from '../../../src/desired/network-elements.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';

describe('a bridge without a libvirt network', () => {
  test.each([
    ['has a hairpin', 'br0', [], [{ kind: 'hairpin', bridge: 'br0', uplink: true }]],
    [
      'has one in IPv6, too, where the host has such an address on it',
      'br0',
      [{ interface: 'br0', address: 'fd00::1' }],
      [
        { kind: 'hairpin', bridge: 'br0', uplink: true },
        { kind: 'hairpin', bridge: 'br0', uplink: true, family: 'ip6' },
      ],
    ],
    [
      'has none in IPv6 for an address on another interface',
      'br0',
      [{ interface: 'br1', address: 'fd00::1' }],
      [{ kind: 'hairpin', bridge: 'br0', uplink: true }],
    ],
    ['with a name that no rule can hold has nothing', 'br"0', [], []],
  ])('%s', (_, bridge, own, elements) => {
    expect(bridgeElements(bridge, { own, uplinks: ['br0'] }, [])).toEqual(elements);
  });

  const hairpins = [
    { kind: 'hairpin', bridge: 'br1' },
    { kind: 'hairpin', bridge: 'br1', family: 'ip6' },
  ];
  const own = [
    { interface: 'br1', address: '10.0.0.1' },
    { interface: 'br1', address: '203.0.113.1' },
    { interface: 'eth0', address: '203.0.113.1' },
  ];
  test('has one in IPv6 where guests have elements of it, whatever addresses the host has there', () => {
    expect(bridgeElements('br1', { own: [], uplinks: [] }, ['ip', 'ip6'])).toEqual(hairpins);
  });

  test("leaves the host its own addresses there, but for those of an uplink and of an uplink's", () => {
    expect(bridgeElements('br1', { own, uplinks: ['eth0', undefined] }, [])).toEqual([
      hairpins[0],
      { kind: 'gateway', address: '10.0.0.1' },
    ]);
    expect(bridgeElements('br1', { own, uplinks: ['br1'] }, [])).toEqual([{ ...hairpins[0], uplink: true }]);
  });
});

describe('forwards without an address are reached', () => {
  const host = defaultHostPolicy;
  test.each([
    ['by every interface, if none is named', host, []],
    [
      'by every interface, where addresses are named: those count',
      { ...host, interfaces: ['eth0'], addresses: ['203.0.113.10'] },
      [],
    ],
    [
      'by those that are named',
      { ...host, interfaces: ['eth0', 'eth1'] },
      [
        { kind: 'restricted' },
        { kind: 'outside', interface: 'eth0' },
        { kind: 'outside', interface: 'eth1' },
      ],
    ],
    // Nobody may come by a name that was left out, so that the restriction stays.
    [
      'by none, if the only name is one that no rule can hold',
      { ...host, interfaces: ['eth"0'] },
      [{ kind: 'restricted' }],
    ],
  ])('%s', (_, policy, elements) => {
    expect(outsideElements(policy, ['ip'])).toEqual(elements);
  });

  test('in each family of the host', () => {
    expect(
      outsideElements({ ...host, interfaces: ['eth0'] }, ['ip', 'ip6']).map((element) => 'family' in element),
    ).toEqual([false, false, true, true]);
  });
});

test('of what several guests know of networks, the later counts; what is of the host, and hairpins, are the sum', () => {
  const [four, six, gateway] = [
    { kind: 'restricted' },
    { kind: 'restricted', family: 'ip6' },
    { kind: 'gateway', address: '192.168.122.1' },
  ] as const;
  const united = unitedNetworks([
    { default: [], [outside]: [four] },
    { default: [gateway], [outside]: [four, six] },
  ]);
  expect({ ...united }).toEqual({ default: [gateway], [outside]: [four, six] });
  const bridge = { kind: 'hairpin', bridge: 'br1' } as const;
  const both = [bridge, { ...bridge, family: 'ip6' }] as const;
  expect({ ...unitedNetworks([{ 'bridge br1': both }, { 'bridge br1': [bridge, gateway] }]) }).toEqual({
    'bridge br1': [bridge, gateway, both[1]],
  });
  // Names of networks are anything: "constructor" is none that is there already.
  expect(Object.getPrototypeOf(united)).toBeNull();
});
