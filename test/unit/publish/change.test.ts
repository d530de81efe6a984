import { expect, test } from 'vitest';
import { refused } from '../../../src/publish/change.ts';

test('a request that is refused changes nothing', () => {
  expect(refused(['port 80 is taken'])).toEqual({ notes: [], problems: ['port 80 is taken'] });
  expect(refused(['x'])).not.toHaveProperty('change');
});
