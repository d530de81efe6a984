import { expect, test } from 'vitest';
import type { NetworkElement } from '../../../src/model/network-element.ts';
import { separateOverlaps } from '../../../src/planner/overlapping-networks.ts';

const nat = (network: string, address: string, name = 'eth0'): NetworkElement => ({
  kind: 'network-nat',
  network,
  interface: name,
  address,
});
const routed = (network: string, bridge: string): NetworkElement => ({
  kind: 'routed',
  network,
  bridge,
  interface: 'eth0',
});
const service = (bridge: string, first: number, last: number, family?: 'ip6'): NetworkElement => ({
  kind: 'service',
  bridge,
  protocol: 'udp',
  ports: { first, last },
  ...(family !== undefined && { family }),
});

test.each<[string, NetworkElement[], number[]]>([
  ['a network within another', [nat('10.0.0.0/8', '203.0.113.9'), nat('10.9.0.0/24', '203.0.113.9')], [1]],
  [
    'one network with two addresses',
    [nat('10.9.0.0/24', '203.0.113.9'), nat('10.9.0.0/24', '203.0.113.8')],
    [1],
  ],
  ['the same twice is one', [nat('10.9.0.0/24', '203.0.113.9'), nat('10.9.0.0/24', '203.0.113.9')], []],
  ['by another interface', [nat('10.0.0.0/8', '203.0.113.9'), nat('10.9.0.0/24', '203.0.113.9', 'eth1')], []],
  ['of another bridge', [routed('10.0.0.0/8', 'br0'), routed('10.9.0.0/24', 'br1')], []],
  [
    'of one bridge',
    [routed('10.0.0.0/8', 'br0'), routed('10.9.0.0/24', 'br0'), routed('fd00::/8', 'br0')],
    [1],
  ],
  [
    'ports of one bridge',
    [service('br0', 50, 60), service('br0', 53, 53), service('br0', 53, 53, 'ip6')],
    [1],
  ],
  [
    'what is no range',
    [
      { kind: 'hairpin', bridge: 'br0' },
      { kind: 'hairpin', bridge: 'br0' },
    ],
    [],
  ],
])('%s', (_, elements, left) => {
  const { kept, overlapping } = separateOverlaps(elements);
  expect(overlapping).toEqual(left.map((at) => elements[at]));
  expect(kept).toEqual(elements.filter((_, at) => !left.includes(at)));
});
