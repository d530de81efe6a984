import { expect, test } from 'vitest';
import { type Element, familiesOf, familyOfElement } from '../../../src/model/element.ts';
import { claimBehind, claimOf } from '../../../src/model/element-claims.ts';
import { forwardOf } from '../records.ts';

const ports = { protocol: 'tcp', ports: { first: 22, last: 22 } } as const;
const [guest, guest6] = ['192.168.122.41', 'fd00:122::41'];
const claim = { host: 'any6', ...ports } as const;
const limit: Element = { kind: 'connection-limit', at: claim, connections: 5 };
const openLimit: Element = { kind: 'connection-limit', at: { guest: guest6, ...ports }, connections: 5 };

test.each<[string, Element]>([
  ['ip', forwardOf(80)],
  ['ip6', forwardOf(80, { host: 'any6', guest: guest6 })],
  ['ip6', { kind: 'one-to-one', host: '2001:db8::1', guest: guest6 }],
  ['ip6', { kind: 'source-filter', claim, from: [] }],
  ['ip', { kind: 'source-filter', claim: { host: '203.0.113.10' }, from: [] }],
  ['ip6', limit],
  ['ip6', openLimit],
  ['ip', { kind: 'open', guest, ...ports }],
  ['ip', { kind: 'hairpin', bridge: 'virbr0' }],
  ['ip6', { kind: 'hairpin', bridge: 'virbr0', family: 'ip6' }],
  ['ip6', { kind: 'gateway', address: 'fd00:122::1' }],
  ['ip6', { kind: 'network-nat', network: 'fd00:122::/64', interface: 'eth0', address: '2001:db8::1' }],
  ['ip', { kind: 'absent', address: '203.0.113.1', guest: 'mail' }],
  ['ip6', { kind: 'absent', address: '2001:db8::1', guest: 'mail' }],
  ['ip', { kind: 'vif', port: 'vif1.0', way: 'bridged', sources: ['fd00::/64'] }],
])('lives in the table of %s: %j', (family, element) => {
  expect(familyOfElement(element)).toBe(family);
  expect(familiesOf([element])).toEqual(family === 'ip' ? ['ip'] : ['ip', 'ip6']);
});

test.each<[string, Element, object | undefined, object | undefined]>([
  ['a forward takes its ports', forwardOf(22), { host: 'any', ...ports }, { host: 'any', ...ports }],
  [
    'a one-to-one address takes the address',
    { kind: 'one-to-one', host: '203.0.113.10', guest },
    { host: '203.0.113.10' },
    { host: '203.0.113.10' },
  ],
  [
    'a source filter takes nothing, and goes with what it restricts',
    { kind: 'source-filter', claim, from: [] },
    undefined,
    claim,
  ],
  ['so does a limit', limit, undefined, claim],
  ['a limit of an open port goes with no claim', openLimit, undefined, undefined],
  ['an open port takes nothing of the host', { kind: 'open', guest, ...ports }, undefined, undefined],
])('%s', (_, element, own, behind) => {
  expect(claimOf(element)).toEqual(own);
  expect(claimBehind(element)).toEqual(behind);
});
