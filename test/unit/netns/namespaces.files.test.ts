import '../own-folders.ts';
import { expect } from 'vitest';
import { addNamespace, removeNamespace } from '../../../src/netns/namespaces.ts';
import { readNamespaceRequest } from '../../../src/netns/read-request.ts';
import { writeLocalGuest } from '../../../src/state/local-guests.ts';
import { folderTest as test } from '../own-folders.ts';

/* What they make and remove is in test/lab/namespaces.test.ts. */

test('a namespace that is not there is removed already', async () => {
  expect(await removeNamespace('guestgate-none')).toEqual({
    outcome: { level: 'info', message: 'there is none of that name' },
    notes: [],
  });
});

test('a guest that is up has its name', async () => {
  writeLocalGuest({ kind: 'guest', guest: { driver: 'local', name: 'web', nics: [] }, witness: {} });
  const request = readNamespaceRequest('web', { address: ['10.200.1.2/24'], gateway: [], dns: [] });
  await expect(addNamespace(request)).rejects.toThrow('guest "web" is up already');
});
