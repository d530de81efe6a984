import '../own-folders.ts';
import { expect } from 'vitest';
import { backendNames } from '../../../src/model/backend-name.ts';
import {
  allBackends,
  backendInUse,
  chooseBackend,
  otherBackend,
} from '../../../src/reconcile/backend-choice.ts';
import { writeChosenBackend } from '../../../src/state/chosen-backend.ts';
import { makeState } from '../../../src/system/files.ts';
import { folderTest as test } from '../own-folders.ts';

test('every back end is loaded by its own name', async () => {
  expect((await allBackends()).map(({ name }) => name)).toEqual([...backendNames]);
});

test.for([
  [{}, 'nftables'],
  [{ mark: 16 }, 'nftables'],
  [{ mark: 16, backend: 'iptables-nft' }, 'iptables-nft'],
  [{ mark: 16, backend: 'iptables-legacy' }, 'iptables-legacy'],
] as const)('of %j the back end in use is %s', async ([state, expected]) => {
  expect((await backendInUse({ networks: {}, ...state })).name).toBe(expected);
});

test.for([
  [{}, 'iptables-nft', undefined],
  [{ mark: 16 }, undefined, undefined],
  [{ mark: 16 }, 'nftables', undefined],
  [{ mark: 16 }, 'iptables-nft', { from: 'nftables', to: 'iptables-nft' }],
  [{ mark: 16, backend: 'iptables-nft' }, 'nftables', { from: 'iptables-nft', to: 'nftables' }],
] as const)('with %j, and %s wanted, the change is %j', ([state, wanted, change]) => {
  expect(otherBackend({ networks: {}, ...state }, wanted)).toEqual(change);
});

test('what the host was asked once counts until the next boot, and only for "auto"', async () => {
  makeState();
  writeChosenBackend('iptables-legacy');
  expect(await chooseBackend('auto', { networks: {} })).toBe('iptables-legacy');
  expect(await chooseBackend('nftables', { networks: {} })).toBe('nftables');
});
