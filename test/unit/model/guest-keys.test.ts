import { expect, test } from 'vitest';
import { guestKeys } from '../../../src/model/guest-keys.ts';

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
