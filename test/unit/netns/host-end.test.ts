import { expect, test } from 'vitest';
import { bridgePortUp, hostEndLines, placed, single, withoutWaiting } from '../../../src/netns/host-end.ts';

const addresses = [
  { address: '10.200.1.2', prefix: 24 },
  { address: 'fd00:200::2', prefix: 64 },
];

test('the host is the router of a link of its own, and has a route to each address', () => {
  expect(hostEndLines('gn-web', { kind: 'own' }, addresses, ['10.200.1.1', 'fd00:200::1'])).toEqual([
    'addr add 10.200.1.1/32 dev gn-web',
    'addr add fd00:200::1/128 dev gn-web nodad',
    'link set gn-web up',
    'route add 10.200.1.2/32 dev gn-web',
    'route add fd00:200::2/128 dev gn-web',
  ]);
});

test('on a bridge, the end is a port of it and nothing else', () => {
  const link = { kind: 'bridge', bridge: 'br0' } as const;
  expect(hostEndLines('gn-web', link, addresses, ['10.200.1.1'])).toEqual(['link set gn-web master br0']);
});

test('addresses as ip takes them', () => {
  expect(addresses.map(placed)).toEqual(['10.200.1.2/24', 'fd00:200::2/64']);
  expect(addresses.map(({ address }) => single(address))).toEqual(['10.200.1.2/32', 'fd00:200::2/128']);
  expect(addresses.map(({ address }) => withoutWaiting(address))).toEqual(['', ' nodad']);
});

test('a port of a bridge comes up behind the rules of its guest; the end of a link of its own is up before', () => {
  expect(bridgePortUp('gn-web', { kind: 'bridge', bridge: 'br0' })).toEqual(['link set gn-web up']);
  expect(bridgePortUp('gn-web', { kind: 'own' })).toEqual([]);
});
