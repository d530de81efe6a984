import { expect, test } from 'vitest';
import { list, shareListings } from '../../../src/system/shared-listings.ts';

test('a listing is made once, and known afterwards', async () => {
  const listings = shareListings();
  const command = { program: 'sh', args: ['-c', 'date +%s%N'] };
  expect(listings.known(command)).toBe('none');
  const [first, second] = await Promise.all([listings.list(command), listings.list(command)]);
  expect(second).toBe(first);
  expect(listings.known(command)).toBe(first);
});

test('a program that says no, or is not there, lists nothing', async () => {
  expect(await list({ program: 'sh', args: ['-c', 'exit 1'] })).toBeUndefined();
  expect(await list({ program: 'guestgate-no-such-program', args: [] })).toBeUndefined();
});
