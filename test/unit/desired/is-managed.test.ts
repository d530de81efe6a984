import { expect, test } from 'vitest';
import { isUnmanaged } from '../../../src/desired/is-managed.ts';
import type { CachedPolicies } from '../../../src/state/policy-cache.ts';

const uuid = 'a1b2c3d4-0000-4000-8000-000000000001';
const xml = `<domain type='kvm'><name>web</name><uuid>${uuid}</uuid></domain>`;
const web = { driver: 'qemu', name: 'web' } as const;
const cache = (...known: string[]) =>
  ({
    guest: (name: string) => (known.includes(name) ? 'stale' : undefined),
    networks: new Map(),
  }) as unknown as CachedPolicies;

test('neither files nor XML name the guest', () => {
  expect(isUnmanaged(cache('mail'), web, xml)).toBe(true);
});

test.each(['web', 'qemu:web', uuid])('a file may name it %s', (key) => {
  expect(isUnmanaged(cache(key), web, xml)).toBe(false);
});

test('the name of another driver is another guest', () => {
  expect(isUnmanaged(cache('lxc:web'), web, xml)).toBe(true);
});

test('what is not known is not unmanaged: no cache, no UUID', () => {
  expect(isUnmanaged(undefined, web, xml)).toBe(false);
  expect(isUnmanaged(cache(), web, '<domain><name>web</name></domain>')).toBe(false);
});

test('metadata of ours, wherever the XML has it, is looked at', () => {
  expect(isUnmanaged(cache(), web, xml.replace('</domain>', '<x xmlns="urn:guestgate:1"/></domain>'))).toBe(
    false,
  );
});

test('a network that gives its guests their access may be one of its own', () => {
  const networks = new Map([['default', { policy: { access: 'host' }, problems: [] }]]);
  expect(isUnmanaged({ ...cache(), networks } as CachedPolicies, web, xml)).toBe(false);
});
