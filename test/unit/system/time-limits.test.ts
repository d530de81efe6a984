import { expect, test } from 'vitest';
import {
  documentLimits,
  lockLimit,
  programLimit,
  singleFlightLimit,
  timeLeft,
} from '../../../src/system/time-limits.ts';

test('a command may take its time', () => {
  expect(timeLeft(lockLimit)).toBe(lockLimit);
  expect(timeLeft(1e9)).toBe(1e9);
});

test('each part gets half a second at least, in whole milliseconds', () => {
  expect(timeLeft(0)).toBe(500);
  expect(timeLeft(-5)).toBe(500);
  expect(timeLeft(1234.5)).toBe(1235);
});

test('the parts of a hook fit in the 10 s after which libvirt’s users lose patience', () => {
  expect(documentLimits.more).toBeLessThan(documentLimits.all);
  for (const limit of [programLimit, lockLimit, documentLimits.all, singleFlightLimit])
    expect(limit).toBeLessThan(8000);
});
