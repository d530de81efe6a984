import '../own-folders.ts';
import { expect } from 'vitest';
import { hasHostChanged } from '../../../src/reconcile/follow-host.ts';
import { isBridgeKey, noteUplinks, noteUplinksOf } from '../../../src/reconcile/uplinks-noted.ts';
import { readUplinks, writeUplinks } from '../../../src/state/uplinks.ts';
import { folderTest as test } from '../own-folders.ts';
import { changeOf } from './plans.ts';

const nat = {
  kind: 'network-nat',
  network: '192.168.122.0/24',
  interface: 'eth0',
  address: '203.0.113.9',
} as const;

test('rules that do not depend on the host note nothing: events do not look at it then', () => {
  noteUplinksOf([changeOf(undefined, {})], {
    networks: { default: [{ kind: 'hairpin', bridge: 'virbr0' }] },
  });
  expect(readUplinks()).toBeUndefined();
  expect(hasHostChanged()).toBe(false);
});

test('an address that guests leave with is noted with the interfaces that hold it', () => {
  noteUplinksOf([changeOf(undefined, { uplinks: { '203.0.113.8': ['eth0'] } })], {
    networks: { default: [nat] },
  });
  expect(Object.keys(readUplinks()?.holders ?? {})).toEqual(['203.0.113.8', '203.0.113.9']);
  expect(hasHostChanged()).toBe(false);
});

test('a forward at an uplink, and a bridge of no libvirt network, depend on the host, too', () => {
  noteUplinksOf([changeOf(undefined, { uplinkAddresses: { eth0: [] } })], { networks: {} });
  expect(readUplinks()).toBeDefined();
});

test('the keys of bridges', () => {
  expect(isBridgeKey('bridge br0')).toBe(true);
  expect(isBridgeKey('bridge'), 'a network of that name').toBe(false);
  noteUplinksOf([], { networks: { 'bridge br0': [] } });
  expect(readUplinks()).toBeDefined();
});

test('what is noted stays as the host was then: the difference shows that it has changed', () => {
  writeUplinks({ facts: 'another host', holders: { '203.0.113.9': ['eth7'] } });
  noteUplinks(['203.0.113.9']);
  expect(readUplinks()).toMatchObject({ facts: 'another host', holders: { '203.0.113.9': ['eth7'] } });
  noteUplinks(['203.0.113.10']);
  expect(readUplinks()).toMatchObject({ facts: 'another host', holders: { '203.0.113.10': [] } });
  expect(hasHostChanged()).toBe(true);
});
