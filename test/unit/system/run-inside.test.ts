import { expect, test } from 'vitest';
import { runInside } from '../../../src/system/run-inside.ts';

test('its exit code is that of the program, or of the signal that ended it', async () => {
  expect(await runInside('sh', ['-c', 'exit 0'])).toBe(0);
  expect(await runInside('sh', ['-c', 'exit 7'])).toBe(7);
  expect(await runInside('sh', ['-c', 'kill -TERM $$'])).toBe(143);
});

test('a program that is not installed is named', async () => {
  await expect(runInside('guestgate-none', [])).rejects.toThrow('running guestgate-none');
});

test('it leaves no handler of a signal', async () => {
  const before = process.listenerCount('SIGTERM');
  await runInside('true', []);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
