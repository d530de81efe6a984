import '../own-folders.ts';
import { expect } from 'vitest';
import { guestsIn, unmakeVserver } from '../../../src/netns/make-vserver.ts';
import { writeLocalGuest } from '../../../src/state/local-guests.ts';
import { readNamespace, writeNamespace } from '../../../src/state/namespaces.ts';
import { folderTest as test } from '../own-folders.ts';

/* What it makes and removes is in test/lab/vserver.test.ts. */

const namespace = 'guestgate-test-none';
const shared = { name: namespace, addresses: [], link: { kind: 'shared' }, gateways: [], dns: [] } as const;
const up = (name: string) =>
  writeLocalGuest({
    kind: 'vserver',
    guest: { driver: 'local', name, nics: [] },
    witness: { namespace: { path: `/run/netns/${namespace}`, inode: 1 } },
    context: 1001,
  });

test('a shared namespace stays until its last guest has gone', () => {
  writeNamespace(shared);
  up('web');
  up('mail');
  expect(guestsIn(namespace)).toEqual(['mail', 'web']);
  unmakeVserver({ name: 'web', context: 65535, namespace });
  expect(readNamespace(namespace)).toMatchObject(shared);
});

test('what is not there is removed already', () => {
  writeNamespace(shared);
  up('web');
  unmakeVserver({ name: 'web', context: 65535, namespace });
  expect(readNamespace(namespace)).toBeUndefined();
});
