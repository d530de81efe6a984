import { expect, test } from 'vitest';
import { list, shareListings } from '../../../src/system/shared-listings.ts';

test('a listing is made once, and known afterwards', async () => {
  const listings = shareListings();
  const command = { program: 'sh', args: ['-c', 'date +%s%N'] };
  await listings.begin(command);
  const [first, second] = await Promise.all([listings.list(command), listings.list(command)]);
  expect(second).toBe(first);
  expect(listings.listNow(command, () => 'another')).toBe(first);
});

test('what cannot wait is asked once, too', async () => {
  const listings = shareListings();
  const command = { program: 'sh', args: ['-c', 'echo other'] };
  expect(listings.listNow(command, () => 'first')).toBe('first');
  expect(listings.listNow(command, () => 'second')).toBe('first');
  expect(await listings.list(command)).toBe('first');
});

test('the error of a listing that was begun is for the one that asks for it', async () => {
  const listings = shareListings();
  const command = { program: 'sh', args: ['-c', 'kill -9 $$'] };
  await listings.begin(command);
  await expect(listings.list(command)).rejects.toThrow('listing rules');
});

test('a program that says no, or is not there, lists nothing', async () => {
  expect(await list({ program: 'sh', args: ['-c', 'exit 1'] })).toBeUndefined();
  expect(await list({ program: 'guestgate-no-such-program', args: [] })).toBeUndefined();
});
