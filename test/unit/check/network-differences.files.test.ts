import '../own-folders.ts';
import { expect } from 'vitest';
import { networkDifferences } from '../../../src/check/network-differences.ts';
import type { Reading } from '../../../src/desired/host-reading.ts';
import type { LibvirtNetwork } from '../../../src/libvirt/network.ts';
import { describeFinding } from '../../../src/model/finding.ts';
import { folderTest as test } from '../own-folders.ts';

const network: LibvirtNetwork = {
  name: 'default',
  bridge: 'virbr0',
  gateways: [{ address: '192.168.122.1', network: '192.168.122.0/24' }],
  reservations: [],
};
const nat = {
  kind: 'network-nat',
  network: '192.168.122.0/24',
  interface: 'eth0',
  address: '203.0.113.9',
} as const;
const reading = (snat?: string[], problems: object[] = []) =>
  ({
    configuration: {
      networks: new Map([['default', { policy: snat === undefined ? {} : { snat }, problems }]]),
      unread: [],
      hostUnknown: [],
    },
    hostView: () => ({ interfacesOf: () => ['eth0'] }),
  }) as unknown as Reading;
const differences = (snat: string[] | undefined, recorded: object, live = [network]) =>
  networkDifferences(new Map(live.map((one) => [one.name, one])), recorded as never, reading(snat)).map(
    describeFinding,
  );

test('a network that has what its policy says', () => {
  expect(differences(['203.0.113.9'], { default: [nat] })).toEqual([]);
  expect(differences(undefined, {})).toEqual([]);
});

test('elements that wait for a guest do not count', () => {
  expect(differences(undefined, { default: [{ kind: 'hairpin', bridge: 'virbr0' }] })).toEqual([]);
});

test('an address that is missing, that changed, or that the policy no longer names', () => {
  const differs = ['network "default": its rules differ from the configuration (guestgate apply)'];
  expect(differences(['203.0.113.9'], {})).toEqual(differs);
  expect(differences(['203.0.113.10'], { default: [nat] })).toEqual(differs);
  expect(differences(undefined, { default: [nat] })).toEqual(differs);
});

test('a network that does not run keeps no address', () => {
  expect(differences(['203.0.113.9'], { default: [nat] }, [])).toEqual([
    'network "default": still has rules, and does not run or has no policy any more (guestgate apply)',
  ]);
});
