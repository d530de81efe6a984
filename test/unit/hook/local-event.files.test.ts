import '../own-folders.ts';
import { expect } from 'vitest';
import { localDown } from '../../../src/hook/local-event.ts';
import { hasEnded } from '../../../src/state/ended-guests.ts';
import { readHookEvents } from '../../../src/state/hook-events.ts';
import { localId, readLocalGuest, writeLocalGuest } from '../../../src/state/local-guests.ts';
import { folderTest as test } from '../own-folders.ts';

/* What `localUp` does to the kernel, and `localDown`, is in test/lab/local-guests.test.ts. */

const nothing = { level: 'debug', message: 'no rules to remove' };

test('a guest that never was up is down, and no state folder is made for it', async () => {
  expect(await localDown('web')).toEqual(nothing);
  expect(readHookEvents().events).toEqual([]);
});

test('an end removes the file, marks the guest as ended, and is an event', async () => {
  writeLocalGuest({ kind: 'guest', guest: { driver: 'local', name: 'web', nics: [] }, witness: {} });
  expect(await localDown('web')).toEqual(nothing);
  expect(readLocalGuest('web')).toBeUndefined();
  expect(hasEnded(localId('web'))).toBe(true);
  expect(readHookEvents().events).toMatchObject([
    { hook: 'local', object: 'web', operation: 'down', exitCode: 0 },
  ]);
});
