import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { LocalGuest } from '../../../src/model/local-guest.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import {
  isLocalUnreadable,
  localGuests,
  localId,
  readLocalFiles,
  readLocalGuest,
  removeLocalGuest,
  writeLocalGuest,
} from '../../../src/state/local-guests.ts';
import { processStart } from '../../../src/system/witness.ts';
import { folderTest as test } from '../own-folders.ts';

const guest = (name: string, witness: LocalGuest['witness'] = {}): LocalGuest => ({
  kind: 'guest',
  guest: { driver: 'local', name, nics: [{ addresses: ['10.200.1.2'] }] },
  witness,
});

test('a guest that was written is read, and gone when it is removed', () => {
  expect([readLocalFiles(), localGuests(), readLocalGuest('a/"b"')]).toEqual([[], [], undefined]);
  writeLocalGuest(guest('a "b"'));
  expect(readLocalGuest('a "b"')).toMatchObject(guest('a "b"'));
  expect(localGuests()).toMatchObject([guest('a "b"')]);
  removeLocalGuest('a "b"');
  removeLocalGuest('a "b"');
  expect(readLocalFiles()).toEqual([]);
});

test('one whose process has ended, or is another one, has a file and does not run', () => {
  const started = processStart(process.pid) ?? 0;
  writeLocalGuest(guest('mine', { process: { pid: process.pid, started } }));
  writeLocalGuest(guest('reused', { process: { pid: process.pid, started: started + 1 } }));
  writeLocalGuest(guest('gone', { interface: 'none0' }));
  expect(localGuests().map((one) => one.guest.name)).toEqual(['mine']);
  expect(readLocalFiles()).toHaveLength(3);
});

test('a damaged file, and a file with the guest of another one, say so and concern no other', () => {
  writeLocalGuest(guest('web'));
  mkdirSync(stateFiles.local, { recursive: true });
  writeFileSync(`${stateFiles.local}/local-cut.json`, '{"format":1,');
  writeFileSync(`${stateFiles.local}/local-db.json`, JSON.stringify({ format: 1, ...guest('web') }));
  expect(localGuests().map((one) => one.guest.name)).toEqual(['web']);
  expect(['cut', 'db', 'web', 'none'].map((name) => isLocalUnreadable(localId(name)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
