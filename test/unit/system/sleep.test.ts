import { expect, test } from 'vitest';
import { sleep } from '../../../src/system/sleep.ts';

test('nothing else of this process runs meanwhile', async () => {
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  sleep(1);
  expect(ran).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toBe(true);
});
