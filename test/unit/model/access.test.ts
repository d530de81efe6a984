import { expect, test } from 'vitest';
import { denies } from '../../../src/model/access.ts';

test.each([
  [{}, false],
  [{ access: 'open' }, false],
  [{ access: 'inbound' }, true],
  [{ access: 'none' }, true],
  [{ access: 'host', onError: 'start' }, false],
  [{ onError: 'deny' }, true],
] as const)('%j refuses a start without its rules: %s', (policy, refuses) => {
  expect(denies(policy)).toBe(refuses);
});
