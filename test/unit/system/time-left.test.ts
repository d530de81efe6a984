import { expect, test } from 'vitest';
import { finishWithin, timeLeft } from '../../../src/system/run.ts';

/* A hook has 8 s: what it starts late gets what is left, and half a second at the least, so that nothing is tried in vain. */

test.each([
  ['at the beginning a program gets what it wants', 60_000, 3000, 3000, 3000],
  ['late, the end of all comes before the end of one', 2000, 3000, 500, 2000],
  ['after the end, half a second', -1000, 3000, 500, 500],
  ['one that wants less gets half a second', 60_000, 50, 500, 500],
])('%s', (_, fromNow, wanted, least, most) => {
  finishWithin(performance.now() + fromNow);
  expect(timeLeft(wanted)).toBeGreaterThanOrEqual(least);
  expect(timeLeft(wanted)).toBeLessThanOrEqual(most);
});
