import { expect, test } from 'vitest';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import { chosen, describeMissing } from '../../../src/libvirt/chosen-interface.ts';

const nics: NicSurroundings[] = [
  { nic: { mac: '52:54:00:aa:bb:01', network: 'default', addresses: [] }, networkFiles: [] },
  {
    nic: { mac: '52:54:00:aa:bb:02', bridge: 'virbr1', addresses: [] },
    network: { name: 'dmz', gateways: [], reservations: [] },
    networkFiles: [],
  },
  { nic: { bridge: 'br0', addresses: [] }, networkFiles: [] },
];

test.each([
  [undefined, [0, 1, 2]],
  [{ network: 'default' }, [0]],
  [{ network: 'dmz' }, [1]],
  [{ mac: '52:54:00:aa:bb:02' }, [1]],
  [{ nic: 3 }, [2]],
  [{ nic: 4 }, []],
  [{ network: 'lan' }, []],
])('%j chooses %j', (choice, indices) => {
  expect(chosen(choice, nics)).toEqual(indices.map((index) => nics[index]));
});

test('a missing interface is reported with those that exist', () => {
  expect(describeMissing({ network: 'lan' }, nics)).toBe(
    'the guest has no interface on network "lan" (its interfaces: 1: 52:54:00:aa:bb:01 on network "default", 2: 52:54:00:aa:bb:02 on network "dmz", 3: without MAC address on bridge br0)',
  );
  expect(describeMissing({ nic: 1 }, [])).toBe('the guest has no interface number 1 (no interface at all)');
});
