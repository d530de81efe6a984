import { expect, test } from 'vitest';
import { usualServices } from '../../../src/model/network-policy.ts';
import { planServices } from '../../../src/planner/plan-services.ts';

const port = (first: number, last = first) => ({ first, last });

test('in the families in which guests have addresses, in IPv4 while they have none', () => {
  const ports = (prefixes: string[]) =>
    planServices(usualServices, 'br0', prefixes).map((one) =>
      one.kind === 'service' ? [one.family ?? 'ip', one.protocol, one.ports.first] : [],
    );
  const ofIp = [
    ['ip', 'tcp', 53],
    ['ip', 'udp', 53],
    ['ip', 'udp', 67],
  ];
  expect(ports([])).toEqual(ofIp);
  expect(ports(['10.9.0.0/24', 'fd00:9::/64'])).toEqual([
    ...ofIp,
    ['ip6', 'tcp', 53],
    ['ip6', 'udp', 53],
    ['ip6', 'udp', 547],
  ]);
});

test('ports that overlap become disjoint: nft refuses others', () => {
  const overlapping = [
    { protocol: 'tcp', ports: port(50, 60) },
    { protocol: 'tcp', ports: port(53) },
  ] as const;
  expect(planServices(overlapping, 'br0', []).map((one) => 'ports' in one && one.ports)).toEqual([
    port(50, 52),
    port(53),
    port(54, 60),
  ]);
});
