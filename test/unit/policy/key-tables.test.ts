import { expect, test } from 'vitest';
import { keyTables } from '../../../src/policy/key-tables.ts';

test.each(Object.entries(keyTables))(
  'each key of %s has a description, and nothing else has',
  (_, { entries, keys }) => {
    expect(Object.keys(keys).toSorted()).toEqual(Object.keys(entries).toSorted());
  },
);
