import { expect, test } from 'vitest';
import { keysInFiles } from '../../../src/desired/guest-identity.ts';

const ofQemu = (...names: readonly string[]) => ({ has: (name: string) => names.includes(name) });

test("the name alone is the QEMU guest's where there is one, and the other's where there is none", () => {
  const { has } = ofQemu('web');
  expect(keysInFiles({ driver: 'qemu', name: 'web' }, has)).toEqual(['qemu:web', 'web']);
  expect(keysInFiles({ driver: 'lxc', name: 'web' }, has)).toEqual(['lxc:web']);
  expect(keysInFiles({ driver: 'lxc', name: 'db' }, has)).toEqual(['lxc:db', 'db']);
});

test('a UUID means its guest whatever other guests are called', () => {
  const uuid = 'aaaaaaaa-0000-4000-8000-000000000001';
  const { has } = ofQemu('web', uuid);
  expect(keysInFiles({ driver: 'lxc', name: 'web', uuid }, has)).toEqual([
    'lxc:web',
    uuid,
    uuid.toUpperCase(),
  ]);
});

test('a guest that arrives has the policy of the name that it will have', () => {
  const arriving = { driver: 'libxl', name: 'web--incoming', arrivingAs: 'web' } as const;
  expect(keysInFiles(arriving, ofQemu().has)).toEqual(['libxl:web', 'web']);
  expect(keysInFiles(arriving, ofQemu('web').has)).toEqual(['libxl:web']);
});
