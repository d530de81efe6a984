import { expect, test } from 'vitest';
import { vocabulary } from '../../../src/policy/metadata-vocabulary.ts';

test('every element is defined, is used, and has the attribute that it requires', () => {
  const used = new Set(['guest', ...Object.values(vocabulary).flatMap(({ children }) => children)]);
  expect([...used].sort()).toEqual(Object.keys(vocabulary).sort());
  for (const { attributes, required } of Object.values(vocabulary))
    if (required !== undefined) expect(attributes).toContain(required);
});
