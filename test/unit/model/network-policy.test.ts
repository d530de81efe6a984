import { expect, test } from 'vitest';
import { namedServices, usualServices } from '../../../src/model/network-policy.ts';

test('the usual services are DHCP of each family, and DNS over udp and tcp', () => {
  expect(Object.keys(namedServices)).toEqual(['dhcp', 'dns']);
  expect(usualServices.map(({ protocol, ports, family }) => [ports.first, protocol, family])).toEqual([
    [67, 'udp', 'ip'],
    [547, 'udp', 'ip6'],
    [53, 'tcp', undefined],
    [53, 'udp', undefined],
  ]);
});
