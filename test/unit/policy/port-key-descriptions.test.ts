import { expect, test } from 'vitest';
import { forwardKeys, nicKeys, openPortKeys } from '../../../src/policy/port-key-descriptions.ts';
import { forwardEntries, openPortEntries } from '../../../src/policy/schema.ts';
import { expectAgreement } from './described-keys.ts';

test('each key of a forward is described, and its example and default are values that it accepts', () => {
  expectAgreement(forwardEntries, forwardKeys);
});

test('so is each key of an open port', () => {
  expectAgreement(openPortEntries, openPortKeys);
});

test('only the port is required; without a default each other key says what its absence means', () => {
  const required = (keys: object) =>
    Object.entries(keys).flatMap(([key, { required: is }]) => (is === true ? [key] : []));
  expect(required(forwardKeys)).toEqual(['port']);
  expect(required(openPortKeys)).toEqual(['port']);
  expect(Object.keys(nicKeys)).toEqual(['network', 'mac', 'nic']);
});
