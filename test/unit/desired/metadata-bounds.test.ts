import { expect, test } from 'vitest';
import { metadataBounds } from '../../../src/desired/metadata-bounds.ts';
import type { Guest } from '../../../src/model/guest.ts';
import { readingOf } from './reading.ts';

const guest: Guest = { driver: 'qemu', name: 'web', nics: [] };
const bounds = (text: string, verified: readonly string[] = []) => {
  const reading = readingOf(text);
  return metadataBounds(guest, reading, reading.hostView(), verified);
};

test('by default metadata is granted nothing, and the port of ssh is reserved', async () => {
  const { grants, reserved, files } = await bounds('');
  expect(grants).toEqual({ keys: [], ports: [], addresses: [] });
  expect(reserved).toContainEqual({ ports: { first: 22, last: 22 }, why: 'guestgate reserves' });
  expect(files).toEqual([]);
});

test('grants are those of the guests that they name', async () => {
  const grant = (name: string) => `[host.metadata]\nguests = ["${name}"]\nkeys = ["snat"]\n`;
  expect((await bounds(grant('web'))).grants.keys).toEqual(['snat']);
  expect((await bounds(grant('mail'))).grants.keys).toEqual([]);
});

test('ports that the administrator reserves replace those of the default', async () => {
  const { reserved } = await bounds('[host]\nreserved = ["25/tcp"]\n');
  expect(reserved).toEqual([{ ports: { first: 25, last: 25 }, protocol: 'tcp', why: '[host] reserves' }]);
});

test('addresses that [host] lists are the public ones', async () => {
  const { isPublic } = await bounds('[host]\naddress = ["192.0.2.1"]\n');
  expect([isPublic('192.0.2.1'), isPublic('192.0.2.2')]).toEqual([true, false]);
});

test('of the policies in files, all count but those that are wrong and the own one', async () => {
  const policies = '[guest.web]\naccess = "open"\n[guest.mail]\naccess = "open"\n[guest.wrong]\nno_key = 1\n';
  expect((await bounds(policies)).files.map((one) => one.guest)).toEqual(['mail']);
});

test('an address is its own if the host knows so, and no other guest has it by a file', async () => {
  const { isOwn } = await bounds('[guest.mail]\naddress = "192.0.2.8"\n', ['192.0.2.7', '192.0.2.8']);
  expect(['192.0.2.7', '192.0.2.8', '192.0.2.9'].map(isOwn)).toEqual([true, false, false]);
});
