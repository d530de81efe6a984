import '../own-folders.ts';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import {
  hostStateProblem,
  nameInUse,
  readHostState,
  setHostStateAside,
  writeHostState,
} from '../../../src/state/host-state.ts';
import { folderTest as test } from '../own-folders.ts';

const file = join(paths.state, 'host.json');

function write(value: unknown): void {
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

test('nothing is known without the file, and that is no problem', () => {
  expect(readHostState()).toEqual({ networks: {} });
  expect(hostStateProblem()).toBeUndefined();
});

test('networks may have any name, and no name is one of a prototype', () => {
  const hairpin = { kind: 'hairpin', bridge: 'virbr0' } as const;
  const networks = Object.assign(Object.create(null), { default: [hairpin], ['__proto__']: [hairpin] });
  writeHostState({ mark: 16, backend: 'iptables-nft', made: ['ip nat'], networks });
  const state = readHostState();
  expect(state).toMatchObject({ mark: 16, backend: 'iptables-nft', made: ['ip nat'] });
  expect(state.networks['default']).toEqual([hairpin]);
  expect('constructor' in state.networks).toBe(false);
});

test.for([
  { format: 1 },
  { format: 2, networks: {} },
  { format: 1, networks: { default: [{ kind: 'forward' }] } },
  { format: 1, networks: [], mark: 1 },
  { format: 1, networks: {}, backend: 'ipfw' },
  { format: 1, networks: {}, mark: '16' },
])('%j cannot be read: it says why, and counts as nothing', (value) => {
  write(value);
  expect(readHostState()).toEqual({ networks: {} });
  expect(hostStateProblem()).toContain(`${file} cannot be read: it`);
  expect(existsSync(setHostStateAside())).toBe(true);
  expect(hostStateProblem()).toBeUndefined();
});

test.for([
  [{}, undefined],
  [{ mark: 16 }, 'nftables'],
  [{ mark: 16, backend: 'iptables-legacy' }, 'iptables-legacy'],
  [{ backend: 'nftables' }, 'nftables'],
] as const)('of %j the back end in use is %s', ([state, name]) => {
  expect(nameInUse({ networks: {}, ...state })).toBe(name);
});
