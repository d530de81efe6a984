import { expect, test } from 'vitest';
import { pause } from '../../../src/cli/pause.ts';

test('a pause ends after its time, and a signal ends it early', async () => {
  await pause(1, new AbortController().signal);
  const ending = new AbortController();
  const long = pause(600_000, ending.signal);
  ending.abort();
  await long;
  await pause(600_000, ending.signal);
  expect(ending.signal.aborted).toBe(true);
});
