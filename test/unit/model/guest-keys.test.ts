import { expect, test } from 'vitest';
import { guestKeys, isNamedBy, parseGuestKey } from '../../../src/model/guest-keys.ts';

const uuid = '6f1ef0a4-9d9b-4b0a-8f3d-0c2a4c9d0001';

test.each([
  [{ driver: 'qemu', name: 'web' }, ['qemu:web', 'web']],
  [{ driver: 'lxc', name: 'web', uuid }, ['lxc:web', 'web', uuid, uuid.toUpperCase()]],
  [{ driver: 'qemu', name: uuid }, [`qemu:${uuid}`]],
  [{ driver: 'qemu', name: 'lxc:web' }, ['qemu:lxc:web']],
  [{ driver: 'qemu', name: 'a:web' }, ['qemu:a:web', 'a:web']],
  [{ driver: 'qemu', name: 'lxc' }, ['qemu:lxc', 'lxc']],
] as const)('%j has the keys %j', (guest, keys) => {
  expect(guestKeys(guest)).toEqual(keys);
});

test.each([
  ['lxc:web', { driver: 'lxc', name: 'web' }],
  ['qemu:lxc:web', { driver: 'qemu', name: 'lxc:web' }],
  ['a:web', { name: 'a:web' }],
  ['web', { name: 'web' }],
  [uuid.toUpperCase(), { uuid }],
] as const)('the key %s names %j', (key, named) => {
  expect(parseGuestKey(key)).toEqual(named);
});

test('a key names a guest by driver and name, name or UUID, and a UUID names no guest that is only called so', () => {
  const web = { driver: 'lxc', name: 'web', uuid } as const;
  for (const key of ['lxc:web', 'web', uuid, uuid.toUpperCase()]) expect(isNamedBy(key, web)).toBe(true);
  for (const key of ['qemu:web', 'Web', 'lxc']) expect(isNamedBy(key, web)).toBe(false);
  expect(isNamedBy(uuid, { driver: 'qemu', name: uuid })).toBe(false);
});
