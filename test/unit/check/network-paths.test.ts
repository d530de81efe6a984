import { expect, test } from 'vitest';
import { judgeNetworkPaths, routedFamilies } from '../../../src/check/network-paths.ts';

const routed = { kind: 'routed', network: '10.9.0.0/24', bridge: 'br0', interface: 'eth0' } as const;
const beside = { ...routed, network: 'fd00:9::/64', interface: 'br0' } as const;

test('a setting counts in the families in which guests get out through the host', () => {
  expect(routedFamilies({ br0: [routed, beside] })).toEqual(['ip']);
  expect(routedFamilies({ br0: [{ ...beside, interface: 'eth0' }, routed] })).toEqual(['ip', 'ip6']);
});

test('forwarding that is off keeps them in; a kernel without the setting is not judged', () => {
  expect(judgeNetworkPaths({ br0: [routed] }, () => '0')).toMatchObject([
    { subject: 'net.ipv4.ip_forward', severity: 'everything', fix: 'sysctl -w net.ipv4.ip_forward=1' },
  ]);
  for (const value of ['1', undefined]) expect(judgeNetworkPaths({ br0: [routed] }, () => value)).toEqual([]);
  expect(judgeNetworkPaths({ br0: [beside] }, () => '0')).toEqual([]);
});
