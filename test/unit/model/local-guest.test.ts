import { expect, test } from 'vitest';
import { isLocalGuest, objectionToName } from '../../../src/model/local-guest.ts';

const web = { kind: 'guest', guest: { driver: 'local', name: 'web', nics: [] }, witness: {} };

test.each([
  ['a guest that runs until it is down', web, true],
  ['one with a process', { ...web, witness: { process: { pid: 1, started: 2 } } }, true],
  [
    'a namespace',
    { ...web, kind: 'netns', witness: { namespace: { path: '/run/netns/web', inode: 4 } } },
    true,
  ],
  ['a kind of another version', { ...web, kind: 'jail' }, false],
  ["a guest of libvirt's", { ...web, guest: { ...web.guest, driver: 'qemu' } }, false],
  ['a process without its start', { ...web, witness: { process: { pid: 1 } } }, false],
  ['nothing', undefined, false],
])('%s: %#', (_, value, expected) => {
  expect(isLocalGuest(value)).toBe(expected);
});

test.each(['web', 'a b', '..', '__proto__', 'é'.repeat(200), '"$(x)"'])('%s is a name', (name) => {
  expect(objectionToName(name)).toBeUndefined();
});

test.each(['', 'a/b', 'a\nb', 'a\u0000b', 'a'.repeat(201)])('%j is no name', (name) => {
  expect(objectionToName(name)).toEqual(expect.any(String));
});
