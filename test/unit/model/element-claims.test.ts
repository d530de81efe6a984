import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import {
  claimBehind,
  claimOf,
  claimsBehind,
  claimsOf,
  distinctClaims,
  isIdentity,
  isPortClaim,
} from '../../../src/model/element-claims.ts';
import { forwardOf } from '../records.ts';

const guest = '192.168.122.41';
const ports = { first: 80, last: 81 };
const at = { host: '203.0.113.1', protocol: 'tcp', ports } as const;
const sourceNat = { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.9' } as const;

test('a forward takes its ports, one-to-one a whole address, other elements nothing of the host', () => {
  expect(claimOf(forwardOf(8080))).toEqual({
    host: 'any',
    protocol: 'tcp',
    ports: { first: 8080, last: 8080 },
  });
  expect(claimOf({ kind: 'one-to-one', host: '203.0.113.9', guest })).toEqual({ host: '203.0.113.9' });
  expect(claimOf({ kind: 'open', guest, protocol: 'tcp', ports })).toBeUndefined();
  expect(claimOf({ kind: 'source-filter', claim: at, from: [] })).toBeUndefined();
});

test('an address to leave with is taken only where no other guest may have it', () => {
  expect(claimOf(sourceNat)).toBeUndefined();
  expect(claimOf({ ...sourceNat, exclusive: true })).toEqual({ host: '203.0.113.9' });
});

test('what restricts a claim needs that claim, and takes none of its own', () => {
  const restrictions: Element[] = [
    { kind: 'source-filter', claim: at, from: ['10.0.0.0/8'] },
    { kind: 'masquerade', claim: at, guest },
    { kind: 'rate-limit', at, rate: { connections: 5, per: 'second' } },
    { kind: 'connection-limit', at, connections: 5 },
  ];
  for (const element of restrictions) {
    expect(claimBehind(element), element.kind).toEqual(at);
    expect(claimOf(element), element.kind).toBeUndefined();
  }
});

test('a limit of an open port claims nothing of the host, but the guest it belongs to', () => {
  const limit = { kind: 'connection-limit', at: { guest, protocol: 'tcp', ports }, connections: 5 } as const;
  expect(claimBehind(limit)).toBeUndefined();
  expect(claimsBehind(limit)).toEqual([{ identity: guest }]);
});

test('two guests with one address, or one interface, claim the same identity', () => {
  expect(claimsOf({ kind: 'open', guest, protocol: 'tcp', ports })).toEqual([{ identity: guest }]);
  expect(claimsOf({ kind: 'denied', guest, from: ['10.0.0.0/8'] })).toEqual([{ identity: guest }]);
  expect(claimsOf({ kind: 'inside', interface: 'vif1.0' })).toEqual([{ identity: 'vif1.0' }]);
  expect(claimsOf({ kind: 'hairpin', bridge: 'virbr0' })).toEqual([]);
});

test('the claims of many elements are listed once each, in the order of the elements', () => {
  const claims = distinctClaims([
    forwardOf(80),
    forwardOf(81),
    forwardOf(80, { to: 8080 }),
    { kind: 'one-to-one', host: '203.0.113.9', guest },
  ]);
  const port = (number: number) => ({
    host: 'any',
    protocol: 'tcp',
    ports: { first: number, last: number },
  });
  expect(claims).toEqual([port(80), { identity: guest }, port(81), { host: '203.0.113.9' }]);
});

test('each claim is of one of three kinds', () => {
  expect([at, { host: '203.0.113.1' }, { identity: guest }].map(isPortClaim)).toEqual([true, false, false]);
  expect([at, { host: '203.0.113.1' }, { identity: guest }].map(isIdentity)).toEqual([false, false, true]);
});
