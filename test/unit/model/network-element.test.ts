import { expect, test } from 'vitest';
import {
  isAdmitting,
  isOfPolicy,
  isStanding,
  type NetworkElement,
} from '../../../src/model/network-element.ts';

const elements: readonly NetworkElement[] = [
  { kind: 'hairpin', bridge: 'br0' },
  { kind: 'gateway', address: '10.9.0.1' },
  { kind: 'network-nat', network: '10.9.0.0/24', interface: 'eth0', address: '203.0.113.9' },
  { kind: 'routed', network: '10.9.0.0/24', bridge: 'br0', interface: 'eth0' },
  { kind: 'network-masquerade', network: '10.9.0.0/24', bridge: 'br0', interface: 'eth0' },
  { kind: 'service', bridge: 'br0', protocol: 'udp', ports: { first: 67, last: 67 } },
  { kind: 'absent', address: '203.0.113.9', guest: 'web' },
];
const kinds = (is: (element: NetworkElement) => boolean) => elements.filter(is).map(({ kind }) => kind);

test('what a table asks for is in place without a guest, and part of it needs head rules', () => {
  const asked = ['network-nat', 'routed', 'network-masquerade', 'service'];
  expect(kinds(isOfPolicy)).toEqual(asked);
  expect(kinds(isStanding)).toEqual([...asked, 'absent']);
  expect(kinds(isAdmitting)).toEqual(['routed', 'service']);
});
