import '../own-folders.ts';
import { expect } from 'vitest';
import { defaultHostPolicy } from '../../../src/model/policy.ts';
import { protectionDelta } from '../../../src/reconcile/protection.ts';
import { recordProtection } from '../../../src/state/protection.ts';
import { folderTest as test } from '../own-folders.ts';

const protect = { icmp: 'needed', reject: [], sshPorts: [] } as const;
const reading = (host: object, hostUnknown: readonly [] | readonly ['x'] = []) =>
  ({ configuration: { host: { ...defaultHostPolicy, ...host }, hostUnknown } }) as unknown as Parameters<
    typeof protectionDelta
  >[0];

test('the table follows the configuration, and stays as it is while that cannot be read', () => {
  expect(protectionDelta(reading({}))).toBeUndefined();
  expect(protectionDelta(reading({ protect }))).toBe('made');
  recordProtection({ protection: protect, marker: 'policy_of_another' });
  expect(protectionDelta(reading({ protect }))).toBe('made');
  expect(protectionDelta(reading({}))).toBe('removed');
  expect(protectionDelta(reading({}, ['x']))).toBeUndefined();
});
