import { expect, test } from 'vitest';
import { pause } from '../../../src/system/pause.ts';
import { Turns } from '../../../src/watch/turns.ts';

test('an action begins when the one before it has ended, also where that failed', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const act = (name: string, fails = false) =>
    turns.take(async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([act('first', true), act('second'), act('third')]);
  expect(order).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});

test('a signal ends a pause, and one that was given before lets none begin', async () => {
  const ending = new AbortController();
  const hour = pause(3_600_000, ending.signal);
  ending.abort();
  await hour;
  await pause(3_600_000, ending.signal);
});
