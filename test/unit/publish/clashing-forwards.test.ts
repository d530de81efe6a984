import { expect, test } from 'vitest';
import type { Forward } from '../../../src/model/policy.ts';
import { clash } from '../../../src/publish/clashing-forwards.ts';

const forward = (host: string, more: Partial<Forward> = {}): Forward => ({
  host,
  protocol: 'tcp',
  ports: { first: 80, last: 89 },
  to: 80,
  text: host,
  ...more,
});

test.each([
  ['any address, and any of IPv6', forward('any'), forward('::'), true],
  ['any address, and one of IPv6', forward('any'), forward('2001:db8::1'), true],
  ['any of one family and of the other', forward('0.0.0.0'), forward('::'), false],
  ['any of one family, and an address of the other', forward('::'), forward('203.0.113.1'), false],
  ['two addresses', forward('203.0.113.1'), forward('203.0.113.2'), false],
  ['other protocols', forward('any'), forward('any', { protocol: 'udp' }), false],
  ['other ports', forward('any'), forward('any', { ports: { first: 90, last: 90 } }), false],
  ['one uplink', forward('any', { uplink: 'eth0' }), forward('any', { uplink: 'eth0' }), true],
  ['two uplinks', forward('any', { uplink: 'eth0' }), forward('any', { uplink: 'eth1' }), false],
  ['an uplink, and any address of IPv6', forward('any', { uplink: 'eth0' }), forward('::'), true],
  ['an uplink, and an address', forward('any', { uplink: 'eth0' }), forward('203.0.113.1'), false],
])('%s', (_, a, b, expected) => {
  expect([clash(a, b), clash(b, a)]).toEqual([expected, expected]);
});
