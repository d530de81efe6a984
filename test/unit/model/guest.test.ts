import { expect, test } from 'vitest';
import { guestOf, isGuestDriver, isSameGuest, recordName, uuidIn } from '../../../src/model/guest.ts';

test.each([
  ['web', 'qemu-web'],
  ['my web', 'qemu-my%20web'],
  ['..', 'qemu-%2E%2E'],
  ['-rf', 'qemu--rf'],
  ['__proto__', 'qemu-__proto__'],
  ['ä', 'qemu-%C3%A4'],
  ['100%', 'qemu-100%25'],
  ['x'.repeat(120), `qemu-${'x'.repeat(120)}`],
])('the record of %j is %s, and says whose it is', (name, record) => {
  expect(recordName({ driver: 'qemu', name })).toBe(record);
  expect(guestOf(record)).toEqual({ driver: 'qemu', name });
});

test('long names have records of their own, short enough for a file', () => {
  const long = ['x'.repeat(121), `${'x'.repeat(120)}y`, '服'.repeat(80), `${'服'.repeat(79)}a`];
  const records = long.map((name) => recordName({ driver: 'libxl', name }));
  expect(new Set(records).size).toBe(long.length);
  for (const record of records) expect(record).toMatch(/^[A-Za-z0-9_%~-]{1,200}$/);
});

test('one name of two drivers is two guests', () => {
  expect(recordName({ driver: 'lxc', name: 'a' })).not.toBe(recordName({ driver: 'qemu', name: 'a' }));
  expect(guestOf('lxc-qemu-a')).toEqual({ driver: 'lxc', name: 'qemu-a' });
});

test('what is no name of a record is read as well as it can be', () => {
  expect(guestOf('qemu-%E0%A4%A')).toEqual({ driver: 'qemu', name: '%E0%A4%A' });
});

test('only the drivers that call hooks are drivers', () => {
  expect(['qemu', 'lxc', 'libxl', 'xen', 'toString'].map(isGuestDriver)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('one name of two UUIDs is two guests; without a UUID the name decides', () => {
  const [a, b] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
  const web = { driver: 'qemu', name: 'web' } as const;
  expect(isSameGuest({ ...web, uuid: a }, { ...web, uuid: a })).toBe(true);
  expect(isSameGuest({ ...web, uuid: a }, { ...web, uuid: b })).toBe(false);
  expect(isSameGuest(web, { ...web, uuid: b })).toBe(true);
  expect(isSameGuest({ ...web, uuid: a }, { ...web, driver: 'lxc', uuid: a })).toBe(false);
});

test('the UUID of an XML is the one at its head', () => {
  const uuid = 'aaaaaaaa-0000-4000-8000-000000000001';
  expect(uuidIn(`<domain type='kvm'>\n<name>web</name>\n<uuid>${uuid}</uuid>`)).toBe(uuid);
  expect(uuidIn(`<domain>${' '.repeat(1000)}<uuid>${uuid}</uuid>`)).toBeUndefined();
  expect(uuidIn('error: no domain')).toBeUndefined();
});
