import { expect, test } from 'vitest';
import { readElement } from '../../../src/system/netlink-counters.ts';
import { nested, raw, text } from '../../../src/system/netlink-message.ts';

/* What the kernel answers, as linux/netfilter/nf_tables.h has it; test/lab/status.test.ts asks a real one. */

const big = (type: number, value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return raw(type, bytes);
};
const counter = Buffer.concat([text(1, 'counter'), nested(2, Buffer.concat([big(1, 60), big(2, 1)]))]);
const answer = (expression: Buffer) =>
  Buffer.concat([
    text(1, 'guestgate'),
    nested(3, nested(1, Buffer.concat([raw(1, Buffer.alloc(8)), expression]))),
  ]);

test('a counter is found alone and among several expressions', () => {
  expect(readElement(answer(nested(7, counter)))).toEqual({ packets: 1, bytes: 60 });
  const limit = nested(1, text(1, 'limit'));
  expect(readElement(answer(nested(11, Buffer.concat([limit, nested(1, counter)]))))).toEqual({
    packets: 1,
    bytes: 60,
  });
});

test('an element that counts nothing, and an answer without one, have none', () => {
  expect(readElement(answer(Buffer.alloc(0)))).toBeUndefined();
  expect(readElement(Buffer.alloc(0))).toBeUndefined();
});
