import { expect, test } from 'vitest';
import { afterRepair, type Backoff, noBackoff, timeToWait } from '../../../src/watch/backoff.ts';

/** Repairs at these times, one after the other. */
const paceAfter = (times: readonly number[]): Backoff =>
  times.reduce((pace, now) => afterRepair(pace, now), noBackoff);

test('repairs now and then never wait', () => {
  expect(paceAfter([0, 6000, 12_000, 18_000, 24_000, 30_000, 36_000]).wait).toBe(0);
});

test('the fifth within twenty seconds waits, and each after it twice as long, up to a minute', () => {
  const times = [0, 100, 200, 300, 400];
  const waits: number[] = [];
  let pace = paceAfter(times);
  for (let now = 400; waits.length < 9; ) {
    waits.push(pace.wait);
    expect(timeToWait(pace, now)).toBe(pace.wait);
    now += pace.wait;
    expect(timeToWait(pace, now)).toBe(0);
    pace = afterRepair(pace, now);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('a wait can have another limit', () => {
  const once = afterRepair(paceAfter([0, 100, 200, 300, 400]), 1400, 1500);
  expect(once.wait).toBe(1500);
  expect(afterRepair(once, 3000, 1500).wait).toBe(1500);
});

test('when the other program has given up, no repair waits', () => {
  const fought = paceAfter([0, 100, 200, 300, 400]);
  expect(afterRepair(fought, 30_000)).toEqual({ repaired: [30_000], wait: 0 });
});
