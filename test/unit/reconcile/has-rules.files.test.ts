import '../own-folders.ts';
import { expect } from 'vitest';
import { hasAnyGuestState, hasGuestState } from '../../../src/reconcile/has-rules.ts';
import { hasStandingRules } from '../../../src/reconcile/standing-rules.ts';
import { writeHostState } from '../../../src/state/host-state.ts';
import { writeRecord } from '../../../src/state/records.ts';
import { enqueue } from '../../../src/state/request-files.ts';
import { folderTest as test } from '../own-folders.ts';
import { recordOf } from '../records.ts';

const web = { driver: 'qemu', name: 'web' } as const;
const other = { driver: 'qemu', name: 'other' } as const;

test('without a record and a request there is nothing of a guest', () => {
  expect([hasAnyGuestState(), hasGuestState(web), hasStandingRules()]).toEqual([false, false, false]);
});

test('a record is something of its guest, and of no other', () => {
  writeRecord(recordOf('web'));
  expect([hasAnyGuestState(), hasGuestState(web), hasGuestState(other)]).toEqual([true, true, false]);
});

test('a request that waits will be a record', () => {
  enqueue('qemu-web', '', false);
  expect([hasAnyGuestState(), hasGuestState(web), hasGuestState(other)]).toEqual([true, true, false]);
});

test.for([
  [
    'the source address of a network needs no guest',
    { kind: 'network-nat', network: '10.0.0.0/24', interface: 'eth0', address: '203.0.113.9' },
    true,
  ],
  [
    'nor does what is dropped for an absent one',
    { kind: 'absent', address: '203.0.113.9', guest: 'mail' },
    true,
  ],
  ['hairpin is for guests alone', { kind: 'hairpin', bridge: 'virbr0' }, false],
] as const)('%s', ([, element, expected]) => {
  writeHostState({ networks: { default: [element] } });
  expect(hasStandingRules()).toBe(expected);
});
