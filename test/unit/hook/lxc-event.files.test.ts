import '../own-folders.ts';
import { expect } from 'vitest';
import { onLxcCall } from '../../../src/hook/lxc-event.ts';
import { readLocalGuest, writeLocalGuest } from '../../../src/state/local-guests.ts';
import { folderTest as test } from '../own-folders.ts';

/* Real containers are in test/lab/lxc.test.ts. */

test('the end of a container that never was up is no matter', async () => {
  expect(await onLxcCall({ kind: 'down', name: 'web' })).toEqual({
    subject: 'LXC container "web" stopped',
    level: 'debug',
    message: 'no rules to remove',
  });
});

test('a container whose process has ended is reported, and refused by nothing', async () => {
  const outcome = await onLxcCall({ kind: 'up', name: 'web', pid: 2 ** 22 + 1 });
  expect(outcome).toMatchObject({ level: 'error', message: expect.stringContaining('has ended') });
  expect(outcome.refuse).not.toBe(true);
});

test('a namespace of guestgate keeps its name, and an invalid one is ignored', async () => {
  writeLocalGuest({ kind: 'netns', guest: { driver: 'local', name: 'web', nics: [] }, witness: {} });
  for (const name of ['web', 'a/b'])
    expect(await onLxcCall({ kind: 'down', name })).toMatchObject({ level: 'error' });
  expect(readLocalGuest('web')?.kind).toBe('netns');
});
