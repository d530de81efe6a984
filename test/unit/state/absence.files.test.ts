import '../own-folders.ts';
import { expect } from 'vitest';
import { absence, recordedAbsence } from '../../../src/state/absence.ts';
import { writeHostState } from '../../../src/state/host-state.ts';
import { folderTest as test } from '../own-folders.ts';

test('only what is dropped for absent guests counts, not what networks have', () => {
  expect(recordedAbsence()).toEqual([]);
  const dropped = { kind: 'absent', address: '203.0.113.12', guest: 'mail' } as const;
  const hairpin = { kind: 'hairpin', bridge: 'virbr0' } as const;
  writeHostState({ networks: { default: [hairpin], [absence]: [dropped, hairpin] } });
  expect(recordedAbsence()).toEqual([dropped]);
});

test('no network of libvirt can have the key', () => {
  expect(absence).toContain('/');
});
