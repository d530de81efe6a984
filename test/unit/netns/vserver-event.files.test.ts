import '../own-folders.ts';
import { expect } from 'vitest';
import { onVserverEvent } from '../../../src/netns/vserver-event.ts';
import { writeLocalGuest } from '../../../src/state/local-guests.ts';
import { folderTest as test } from '../own-folders.ts';

/* What the events do is in test/lab/vserver.test.ts. */

test.each(['initialize', 'pre-start', 'post-start', 'pre-stop', 'postpost-stop'])(
  '%s needs nothing',
  async (event) => {
    expect(await onVserverEvent(event, '.defaults')).toMatchObject({ level: 'debug' });
  },
);

test.each(['.defaults', '..', 'a/b', ''])('the name %j ends a start, and nothing else', async (name) => {
  expect(await onVserverEvent('prepre-start', name)).toMatchObject({ level: 'error', refuse: true });
  expect(await onVserverEvent('post-stop', name)).toMatchObject({ level: 'error', refuse: false });
});

test('a guest that util-vserver does not know, or whose namespace is not shared, needs nothing', async () => {
  expect(await onVserverEvent('prepre-start', 'none')).toMatchObject({ level: 'debug' });
  expect(await onVserverEvent('post-stop', 'none')).toMatchObject({ level: 'debug' });
});

test('a guest of another kind has its name', async () => {
  writeLocalGuest({ kind: 'guest', guest: { driver: 'local', name: 'web', nics: [] }, witness: {} });
  expect(await onVserverEvent('prepre-start', 'web')).toMatchObject({
    refuse: true,
    message: expect.stringContaining('guest "web" is up already'),
  });
});
