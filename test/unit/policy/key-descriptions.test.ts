import { expect, test } from 'vitest';
import * as descriptions from '../../../src/policy/key-descriptions.ts';
import { guestEntries, networkEntries } from '../../../src/policy/schema.ts';
import { expectAgreement } from './described-keys.ts';

test('each key of a guest is described, and its example and default are values that it accepts', () => {
  expectAgreement(guestEntries, descriptions.guestKeys);
});

test('so is each key of a network', () => {
  expectAgreement(networkEntries, descriptions.networkKeys);
});

test('keys that choose an interface say which of them exclude one another', () => {
  expect(descriptions.guestKeys.network.text).toContain('one of `network`, `mac` and `nic`');
});
