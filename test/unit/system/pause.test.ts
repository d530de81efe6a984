import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from '../../../src/system/pause.ts';

test('a pause ends after its time, and a signal ends it early', async () => {
  await pause(1, new AbortController().signal);
  const ending = new AbortController();
  const long = pause(600_000, ending.signal);
  ending.abort();
  await long;
  await pause(600_000, ending.signal);
  expect(ending.signal.aborted).toBe(true);
});

test('one without a time does not wait, and none leaves a listener behind', async () => {
  const { signal } = new AbortController();
  await pause(0, signal);
  await pause(-1, signal);
  for (let count = 0; count < 20; count++) await pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
