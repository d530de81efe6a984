import { expect, test } from 'vitest';
import { counted } from '../../../src/model/counted.ts';

test.each([
  [0, '0 forwards'],
  [1, '1 forward'],
  [2, '2 forwards'],
])('%d', (number, text) => expect(counted(number, 'forward')).toBe(text));
