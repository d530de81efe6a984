import '../own-folders.ts';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import type { GuestChange, HostChange } from '../../../src/reconcile/change.ts';
import {
  begin,
  commit,
  orAll,
  pendingNames,
  sameNetworks,
} from '../../../src/reconcile/transaction-files.ts';
import { readClaims } from '../../../src/state/claims.ts';
import { readJournal } from '../../../src/state/journal.ts';
import { readRecord } from '../../../src/state/records.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf } from '../records.ts';
import { changeOf } from './plans.ts';

const host: HostChange = { networks: {}, mark: 0x10000000, backend: 'nftables' };
const idle = { transaction: 4, pending: [], refused: [] };
const start = (...changes: GuestChange[]) => begin(changes, host, { networks: {} }, idle, false);
const opening = changeOf(undefined, { elements: [forwardOf(80)] });
/** Whose claims contradict a forward of the port to any guest. */
function holders(port: number): string[] {
  const claim = { host: 'any', protocol: 'tcp', ports: { first: port, last: port } } as const;
  return [
    ...new Set(
      readClaims([claim], 'qemu-x')
        ?.filter(({ claim: held }) => JSON.stringify(held) === JSON.stringify(claim))
        .map(({ holder }) => holder),
    ),
  ];
}

test('before the kernel changes, the journal names the guest, and its record says what will be', () => {
  const begun = start(opening);
  expect(begun).toMatchObject({ transaction: 5, failed: [] });
  expect(readJournal()).toMatchObject({ transaction: 5, pending: ['qemu-web'] });
  expect(readRecord('qemu-web')).toMatchObject({ generation: 5, elements: [forwardOf(80)] });
});

test('the index of claims holds what was and what will be, until the kernel has changed', () => {
  const change = changeOf({ elements: [forwardOf(80)] }, { elements: [forwardOf(81)] });
  const [going] = start(change).going;
  expect([holders(80), holders(81)]).toEqual([['qemu-web'], ['qemu-web']]);
  commit(going ?? change, { refused: new Map(), rebuilt: false });
  expect([holders(80), holders(81)]).toEqual([[], ['qemu-web']]);
});

test('a guest that the kernel refused keeps its record, without elements and with the reason', () => {
  const [going] = start(opening).going;
  const problem = { subject: 'kernel', problem: 'refused', severity: 'something', kind: 'refused' } as const;
  const refusal = { problem, failed: { digest: 'x', times: 1 } };
  commit(going ?? opening, { refused: new Map([['qemu-web', refusal]]), rebuilt: false });
  expect(readRecord('qemu-web')).toMatchObject({ elements: [], problems: [problem] });
});

test('a removed guest has no record afterwards', () => {
  start(opening);
  const removal = changeOf({ elements: [forwardOf(80)] }, { elements: [] }, { removes: true, adds: false });
  const [going] = start(removal).going;
  commit(going ?? removal, { refused: new Map(), rebuilt: false });
  expect(readRecord('qemu-web')).toBeUndefined();
  expect(holders(80)).toEqual([]);
});

test('without a journal nothing is added, and what is removed goes all the same', () => {
  rmSync(stateFiles.journal, { force: true });
  mkdirSync(`${stateFiles.journal}.${process.pid}.tmp`, { recursive: true });
  writeFileSync(`${stateFiles.journal}.${process.pid}.tmp/x`, '');
  const removal = changeOf(
    { elements: [forwardOf(80)] },
    { elements: [] },
    { removes: true, name: 'qemu-mail' },
  );
  const begun = start(opening, removal);
  expect(begun.failed.map(({ change }) => change.name)).toEqual(['qemu-web']);
  expect(begun.going.map(({ name }) => name)).toEqual(['qemu-mail']);
});

test('the journal names the guests, the networks if they change, or all', () => {
  expect(pendingNames([opening], { networks: {} }, host)).toEqual(['qemu-web']);
  const more: HostChange = { ...host, networks: { default: [{ kind: 'hairpin', bridge: 'virbr0' }] } };
  expect(pendingNames([], { networks: {} }, more)).toEqual(['networks']);
  expect(sameNetworks({ networks: {} }, more)).toBe(false);
  expect(orAll([])).toEqual(['all']);
});
