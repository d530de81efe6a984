import '../own-folders.ts';
import { expect } from 'vitest';
import { changedProtection, protectionDifferences } from '../../../src/check/protection-differences.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';
import { folderTest as test } from '../own-folders.ts';

const reading = (host: object) =>
  ({ configuration: { host: { ...defaultHostPolicy, ...host }, hostUnknown: [] } }) as unknown as Parameters<
    typeof protectionDifferences
  >[0];

test('without a record and without a table of the configuration there is nothing to compare', async () => {
  await expect(changedProtection()).resolves.toEqual([]);
  await expect(protectionDifferences(reading({}))).resolves.toEqual([]);
});

test('a protection that is not in the kernel is named with the command that makes it', async () => {
  const protect = { icmp: 'needed', reject: [], sshPorts: [] };
  await expect(protectionDifferences(reading({ protect }))).resolves.toMatchObject([
    { subject: '[host.protect]', problem: 'it is not in the kernel', fix: 'guestgate apply' },
  ]);
});
