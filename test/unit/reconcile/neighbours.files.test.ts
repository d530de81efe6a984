import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { claimOf } from '../../../src/model/element-claims.ts';
import { paths } from '../../../src/model/paths.ts';
import type { HeldClaim } from '../../../src/planner/conflicts.ts';
import { indexedNeighbours, readNeighbours } from '../../../src/reconcile/neighbours.ts';
import { replaceClaims } from '../../../src/state/claims.ts';
import { writeRecord } from '../../../src/state/records.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf, recordOf } from '../records.ts';

const wanted = [forwardOf(80)];
const holdersOf = (held: readonly HeldClaim[]) => [...new Set(held.map(({ holder }) => holder))];
const holders = (elements: readonly Element[], except: string) =>
  holdersOf(indexedNeighbours().heldNear(elements, except));
const index = (holder: string, elements: readonly Element[]) =>
  replaceClaims(
    holder,
    [],
    elements.flatMap((element) => claimOf(element) ?? []),
  );

test('a claim counts if its holder’s record has it', () => {
  index('qemu-web', wanted);
  expect(holders(wanted, 'qemu-b'), 'the holder has no record').toEqual([]);
  writeRecord(recordOf('web', { elements: [forwardOf(81)] }));
  expect(holders(wanted, 'qemu-b'), 'its record has another port').toEqual([]);
  writeRecord(recordOf('web', { elements: wanted }));
  expect(holders(wanted, 'qemu-b')).toEqual(['qemu-web']);
  expect(holders(wanted, 'qemu-web'), 'its own claim').toEqual([]);
  expect(holders([forwardOf(82)], 'qemu-b'), 'near, and no contradiction').toEqual([]);
});

test('where the index is damaged, all records are read', () => {
  writeRecord(recordOf('web', { elements: wanted }));
  mkdirSync(join(paths.state, 'claims'));
  writeFileSync(join(paths.state, 'claims', 'tcp-5'), 'garbage\n');
  expect(holders(wanted, 'qemu-b')).toEqual(['qemu-web']);
  expect(holders(wanted, 'qemu-web')).toEqual([]);
});

test('of records that were read already, those of the batch do not count', () => {
  const records = new Map([
    ['qemu-a', recordOf('a', { elements: [forwardOf(80)] })],
    ['qemu-b', recordOf('b', { elements: wanted })],
    ['qemu-c', recordOf('c', { elements: [forwardOf(81, { guest: '192.168.122.43' })] })],
  ]);
  const { heldNear, recordOf: find } = readNeighbours(records, new Set(['qemu-a']));
  expect(holdersOf(heldNear(wanted, 'qemu-x'))).toEqual(['qemu-b']);
  expect(heldNear(wanted, 'qemu-b')).toEqual([]);
  expect(find('qemu-a')?.guest.name).toBe('a');
});
