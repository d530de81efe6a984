import { expect, test } from 'vitest';
import { judgeKeys } from '../../../src/check/misspelt-guests.ts';

const guests = [
  { driver: 'qemu', name: 'web' },
  { driver: 'lxc', name: 'db' },
] as const;

test('a policy for a name that a guest has in other letters', () => {
  expect(judgeKeys(['Web', 'db', 'gone'], guests)).toMatchObject([
    { subject: 'guest "Web"', problem: expect.stringContaining('the guest is called "web"') },
  ]);
  expect(judgeKeys(['Web'], [...guests, { driver: 'lxc', name: 'Web' }])).toEqual([]);
});

test('a key with a driver means a guest of that driver', () => {
  expect(judgeKeys(['lxc:db', 'qemu:web', 'lxc:web'], guests)).toEqual([]);
  expect(judgeKeys(['lxc:DB'], guests)).toMatchObject([
    { subject: 'guest "lxc:DB"', problem: expect.stringContaining('the guest is called "db"') },
  ]);
  expect(judgeKeys(['qemu:DB'], guests)).toEqual([]);
});

test('a UUID is no name', () => {
  const uuid = 'AAAAAAAA-0000-4000-8000-000000000001';
  expect(judgeKeys([uuid], [{ driver: 'qemu', name: uuid.toLowerCase() }])).toEqual([]);
});
