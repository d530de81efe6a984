import { expect, test } from 'vitest';
import { guestCommand, listed } from '../../../src/cli/guest.ts';

const quiet = () =>
  guestCommand(() => {})
    .exitOverride()
    .configureOutput({ writeErr: () => {} });

test('an action that does not exist is refused, and the others are named', async () => {
  await expect(quiet().parseAsync(['start', 'web'], { from: 'user' })).rejects.toThrow(
    'Allowed choices are up, down, list',
  );
});

test('addresses are separated by commas, or are options of their own', () => {
  expect(listed('10.0.0.1, fd00::1')).toEqual(['10.0.0.1', 'fd00::1']);
  expect(listed('fd00::1', ['10.0.0.1'])).toEqual(['10.0.0.1', 'fd00::1']);
});
