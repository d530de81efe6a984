import { expect, test } from 'vitest';
import type { VserverFiles, VserverInterface } from '../../../src/model/vserver.ts';
import { readVserver } from '../../../src/netns/read-vserver.ts';

const kinds: Readonly<Record<string, 'bridge' | 'port'>> = { br0: 'bridge', eth0: 'port', 'eth0.30': 'port' };
const zero: VserverInterface = { folder: '0', ip: '10.20.0.2', prefix: '24', isLeftAlone: true };
const files = (change: Partial<VserverFiles> = {}): VserverFiles => ({
  context: '1001',
  hasNamespace: true,
  isShared: true,
  interfaces: [zero],
  ...change,
});
const read = (change: Partial<VserverFiles> = {}) => readVserver('web', files(change), (name) => kinds[name]);
const withDevice = (dev: string) => read({ interfaces: [{ ...zero, dev }] })?.devices[0];

test.each([
  ['eth0.20', { kind: 'vlan', uplink: 'eth0', vlan: 20 }, '02:00:14:03:e9:00'],
  ['eth0.30', { kind: 'macvlan', uplink: 'eth0.30' }, '02:00:1e:03:e9:00'],
  ['eth0', { kind: 'macvlan', uplink: 'eth0' }, '02:00:00:03:e9:00'],
  ['br0', { kind: 'bridge', bridge: 'br0' }, '02:00:00:03:e9:00'],
])('the device %s', (dev, link, mac) => {
  expect(withDevice(dev)).toMatchObject({ link, mac, number: 0 });
});

test('without a device: a link of its own, in a namespace of its name or of another one', () => {
  expect(read()).toMatchObject({ namespace: 'web', context: 1001, devices: [{ link: { kind: 'own' } }] });
  expect(read({ namespace: 'shop' })?.namespace).toBe('shop');
});

test('a guest without a shared namespace is left to util-vserver', () => {
  expect(read({ isShared: false, interfaces: [] })).toBeUndefined();
  expect(read({ hasNamespace: false })).toBeUndefined();
});

test('folders of one device are addresses of one device; a netmask is a length, a MAC address that is given counts', () => {
  const interfaces = [
    { folder: '1', ip: '10.20.0.2', mask: '255.255.255.0', dev: 'eth0.20', isLeftAlone: true },
    {
      ...{ folder: '2', ip: 'fd00:20::2', prefix: '64', dev: 'eth0.20', isLeftAlone: true },
      ...{ mac: '02:00:00:AA:BB:01', gateway: 'fd00:20::1' },
    },
  ];
  expect(read({ interfaces })?.devices).toEqual([
    {
      number: 1,
      link: { kind: 'vlan', uplink: 'eth0', vlan: 20 },
      mac: '02:00:00:aa:bb:01',
      addresses: [
        { address: '10.20.0.2', prefix: 24 },
        { address: 'fd00:20::2', prefix: 64 },
      ],
      gateways: ['fd00:20::1'],
    },
  ]);
});

test('each mistake is named', () => {
  const wrong = [
    { folder: 'lan', ip: '10.20.0.300', prefix: '24', isLeftAlone: false },
    { folder: '1', ip: '10.20.0.2', prefix: '33', dev: 'eth9', isLeftAlone: true },
    { folder: '2', ip: '10.20.0.2', prefix: '24', dev: 'eth0', mac: '01:00:00:00:00:00', isLeftAlone: true },
    { folder: '3', ip: '10.20.0.2', prefix: '24', dev: 'a b', gateway: 'x', isLeftAlone: true },
  ];
  for (const text of [
    'context: invalid number "1"',
    'netns/name: invalid name "a/b"',
    'interfaces/lan: invalid number',
    'touch interfaces/lan/nodev',
    'invalid address "10.20.0.300"',
    'interfaces/1/prefix: invalid length "33"',
    'no interface "eth9"',
    'invalid MAC address "01:00:00:00:00:00"',
    'invalid interface name "a b"',
    'interfaces/3/gateway: invalid address "x"',
  ])
    expect(() => read({ context: '1', namespace: 'a/b', interfaces: wrong })).toThrow(text);
  expect(() => read({ interfaces: [] })).toThrow('it needs one with an address');
  expect(() => withDevice('eth9.20')).toThrow('no interface "eth9"');
});
