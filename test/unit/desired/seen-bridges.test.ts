import { expect, test } from 'vitest';
import { withSeenBridges } from '../../../src/desired/seen-bridges.ts';
import type { Guest, Nic } from '../../../src/model/guest.ts';

const guest = (...nics: Partial<Nic>[]): Guest => ({
  driver: 'qemu',
  name: 'web',
  nics: nics.map((nic) => ({ addresses: [], ...nic })),
});

test('what has a bridge or a network stays as it is, and so does a port that is on no bridge', () => {
  const placed = guest({ tap: 'vnet1', bridge: 'br0' }, { tap: 'vnet2', network: 'default' }, {});
  expect(withSeenBridges(placed)).toBe(placed);
  const routed = guest({ tap: 'no-such-port' });
  expect(withSeenBridges(routed)).toEqual(routed);
});
