import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { statusJson } from '../../../src/cli/status.ts';
import { statusJsonSchema } from '../../../src/cli/status-schema.ts';
import { forwardOf, recordOf } from '../records.ts';

/* test/lab/status.test.ts does the same with what the built program prints. */

const validate = new Ajv({ strict: false }).compile(statusJsonSchema());
const empty = { guests: [], networks: [], absent: [], headRules: [], problems: [] };
const guest = {
  ...recordOf('web'),
  state: 'running',
  elements: [{ element: forwardOf(80), packets: 1 }],
} as const;

test('what status prints is valid, and what it never prints is not', () => {
  expect(validate(statusJson(empty)), JSON.stringify(validate.errors)).toBe(true);
  expect(validate(statusJson({ ...empty, guests: [guest] })), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...empty, guests: [{ ...guest, state: 'asleep' }] })).toBe(false);
  expect(validate({ guests: [] })).toBe(false);
});
