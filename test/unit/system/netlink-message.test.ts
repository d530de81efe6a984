import { expect, test } from 'vitest';
import { attributes, message, messagesOf, number, text, walk } from '../../../src/system/netlink-message.ts';

test('a message is what its header says, and its attributes are found again', () => {
  const written = message(0x0a07, 0x301, 2, [text(1, 'filter'), text(2, 'FORWARD')]);
  expect(written.readUInt32LE(0)).toBe(written.length);
  expect(written.length % 4).toBe(0);
  const [read] = [...messagesOf(written)];
  expect(read).toMatchObject({ type: 0x0a07, flags: 0x301 });
  const found = attributes(read?.body);
  expect([found.get(1)?.toString(), found.get(2)?.toString()]).toEqual(['filter\0', 'FORWARD\0']);
});

test('several messages in one piece are taken apart', () => {
  const piece = Buffer.concat([message(1, 0, 2, [text(1, 'a')]), message(2, 0, 2, []), message(3, 0, 2, [])]);
  expect([...messagesOf(piece)].map(({ type }) => type)).toEqual([1, 2, 3]);
});

test('what is cut off, or says a length that cannot be, ends the reading', () => {
  const written = message(7, 0, 2, [text(1, 'filter'), text(2, 'FORWARD')]);
  for (let length = 0; length < written.length; length++)
    expect([...messagesOf(written.subarray(0, length))]).toEqual([]);
  expect([...walk(Buffer.from([2, 0, 1, 0]))]).toEqual([]);
  expect([...walk(Buffer.from([200, 0, 1, 0, 1, 2, 3, 4]))]).toEqual([]);
});

test('numbers are in network byte order, of four or eight bytes', () => {
  expect(number(Buffer.from([0, 0, 1, 2]))).toBe(258);
  expect(number(Buffer.from([0, 0, 0, 0, 0, 0, 1, 2]))).toBe(258);
  expect(number(undefined)).toBe(0);
});
