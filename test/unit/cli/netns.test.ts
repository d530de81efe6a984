import { expect, test } from 'vitest';
import { netnsCommand } from '../../../src/cli/netns.ts';

const quiet = () =>
  netnsCommand(() => {})
    .exitOverride()
    .configureOutput({ writeErr: () => {} });

test('an action that does not exist is refused, and the others are named', async () => {
  await expect(quiet().parseAsync(['remove', 'web'], { from: 'user' })).rejects.toThrow(
    'Allowed choices are add, exec, del, list',
  );
});

test('without --nat and --no-nat, the link decides', () => {
  expect(quiet().opts()).toEqual({});
});
