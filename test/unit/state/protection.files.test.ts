import '../own-folders.ts';
import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import { recordedProtection, recordProtection } from '../../../src/state/protection.ts';
import { folderTest as test } from '../own-folders.ts';

const recorded = { protection: { icmp: 'needed', reject: [], sshPorts: [] }, marker: 'policy_a' } as const;

test('what is in the kernel is kept until it is removed', () => {
  expect(recordedProtection()).toBeUndefined();
  recordProtection(recorded);
  expect(recordedProtection()).toMatchObject(recorded);
  recordProtection(undefined);
  expect(recordedProtection()).toBeUndefined();
});

test('a damaged file says nothing', () => {
  recordProtection(recorded);
  writeFileSync(stateFiles.protection, '{"format":1,"protection":{"icmp":"x; flush ruleset"},"marker":"a"}');
  expect(recordedProtection()).toBeUndefined();
});
