import { test } from 'vitest';
import { hostKeys, limitKeys, metadataKeys } from '../../../src/policy/host-key-descriptions.ts';
import { hostEntries, limitEntries, metadataEntries } from '../../../src/policy/schema.ts';
import { expectAgreement } from './described-keys.ts';

test('each key of [host] is described, and its example and default are values that it accepts', () => {
  expectAgreement(hostEntries, hostKeys);
});

test('so is each limit, and each key of [host.metadata]', () => {
  expectAgreement(limitEntries, limitKeys);
  expectAgreement(metadataEntries, metadataKeys);
});
