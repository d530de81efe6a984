import '../own-folders.ts';
import { expect } from 'vitest';
import { ConfigurationChanged } from '../../../src/model/problem.ts';
import { changeConfiguration } from '../../../src/publish/configuration-change.ts';
import { folderTest as test } from '../own-folders.ts';

/** Plans are numbers; writing fails for the first so many. */
function counting(
  failures: number,
  error: Error = new ConfigurationChanged('another program keeps changing it'),
) {
  let plans = 0;
  const written: number[] = [];
  return {
    plan: async () => ++plans,
    write: (planned: number) => {
      if (planned <= failures) throw error;
      written.push(planned);
    },
    written,
    plans: () => plans,
  };
}

test('what was planned is written, once', async () => {
  const { plan, write, written } = counting(0);
  expect(await changeConfiguration(plan, write)).toBe(1);
  expect(written).toEqual([1]);
});

test('where another program changed the text, it is planned again for the new one', async () => {
  const { plan, write, written } = counting(3);
  expect(await changeConfiguration(plan, write)).toBe(4);
  expect(written).toEqual([4]);
});

test('a program that does not stop changing it ends the command', async () => {
  const { plan, write, plans } = counting(1000);
  await expect(changeConfiguration(plan, write)).rejects.toThrow('another program keeps changing it');
  expect(plans()).toBeLessThan(100);
});

test('another error ends it the first time', async () => {
  const { plan, write, plans } = counting(1, new Error('disk full'));
  await expect(changeConfiguration(plan, write)).rejects.toThrow('disk full');
  expect(plans()).toBe(1);
});

test('one change waits for another, and sees what that has written', async () => {
  let text = 0;
  const add = () =>
    changeConfiguration(
      async () => {
        const read = text;
        await new Promise((resolve) => setImmediate(resolve));
        return read;
      },
      (read) => {
        text = read + 1;
      },
    );
  await Promise.all([add(), add(), add()]);
  expect(text).toBe(3);
});
