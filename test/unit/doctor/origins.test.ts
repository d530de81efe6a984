import { expect, test } from 'vitest';
import { type Origin, originsOf, type Sides } from '../../../src/doctor/origins.ts';
import { targetsOf } from '../../../src/doctor/targets.ts';
import type { Element } from '../../../src/model/element.ts';

const addresses: Readonly<Record<string, readonly string[]>> = {
  eth0: ['198.51.100.1'],
  eth1: ['203.0.113.1'],
  virbr0: ['192.168.122.1'],
};
const sides: Sides = {
  family: 'ip',
  uplinks: ['eth0', 'eth1'],
  addressesOn: (name) => addresses[name] ?? [],
  holders: (address) => Object.keys(addresses).filter((name) => addresses[name]?.includes(address)),
  inputOf: (source) => (source.startsWith('192.168.122.') ? 'virbr0' : 'eth0'),
  neighbours: [
    { guest: 'web', address: '192.168.122.41', input: 'virbr0' },
    { guest: 'db', address: '192.168.122.42', input: 'virbr0' },
  ],
};
const forward: Element = {
  kind: 'forward',
  host: 'any',
  protocol: 'tcp',
  ports: { first: 8080, last: 8080 },
  guest: '192.168.122.41',
  to: 80,
};

function originsFor(...elements: readonly Element[]): readonly string[] {
  const [target] = targetsOf([{ guest: { driver: 'qemu', name: 'web', nics: [] }, elements }]);
  if (target === undefined) throw new Error('no target');
  return originsOf(target, sides).map(describe);
}

function describe({ kind, source, input, destination }: Origin): string {
  return `${kind} ${source} ${input ?? '-'} ${destination}`;
}

test('a forward for any address: from outside by each uplink, from the host, and from another guest', () => {
  expect(originsFor(forward)).toEqual([
    'outside 192.0.2.1 eth0 198.51.100.1',
    'outside 192.0.2.1 eth1 203.0.113.1',
    'host 198.51.100.1 - 198.51.100.1',
    'guest 192.168.122.42 virbr0 198.51.100.1',
  ]);
});

test('an address of one uplink is asked by that one; an address that no interface has, by all', () => {
  expect(originsFor({ ...forward, host: '203.0.113.1' })[0]).toBe('outside 192.0.2.1 eth1 203.0.113.1');
  expect(originsFor({ ...forward, host: '203.0.113.99' }).filter((one) => one.startsWith('outside'))).toEqual(
    ['outside 192.0.2.1 eth0 203.0.113.99', 'outside 192.0.2.1 eth1 203.0.113.99'],
  );
});

test('a restricted forward is asked from a source that the policy lets in, or not at all', () => {
  const filter = (from: readonly string[]): Element => ({
    kind: 'source-filter',
    claim: { host: 'any', protocol: 'tcp', ports: { first: 8080, last: 8080 } },
    from,
  });
  expect(originsFor(forward, filter(['198.51.100.0/24']))).toEqual([
    'outside 198.51.100.1 eth0 198.51.100.1',
    'host 198.51.100.1 - 198.51.100.1',
  ]);
  expect(originsFor(forward, filter([]))).toEqual(['host 198.51.100.1 - 198.51.100.1']);
  expect(originsFor(forward, filter(['192.168.122.0/24']))).toContain(
    'guest 192.168.122.42 virbr0 198.51.100.1',
  );
});

test('loopback is the host alone; an open port is not asked from the bridge that the guest is on', () => {
  expect(originsFor({ ...forward, host: '127.0.0.1' })).toEqual(['host 127.0.0.1 - 127.0.0.1']);
  const open: Element = {
    kind: 'open',
    guest: '192.168.122.41',
    protocol: 'tcp',
    ports: { first: 80, last: 80 },
  };
  expect(originsFor(open)).toEqual([
    'outside 192.0.2.1 eth0 192.168.122.41',
    'outside 192.0.2.1 eth1 192.168.122.41',
  ]);
});
