import { expect, test } from 'vitest';
import { percentEncoded } from '../../../src/model/percent-encoding.ts';

test('what is not plain is two hexadecimal digits in upper case, also below 16', () => {
  const plain = /[a-z]/;
  expect([0x61, 0x41, 0x0a, 0x25, 0xff].map((byte) => percentEncoded(byte, plain))).toEqual([
    'a',
    '%41',
    '%0A',
    '%25',
    '%FF',
  ]);
});

test('an encoded name is read back as it was', () => {
  const name = 'wëb "1"\n';
  const encoded = Array.from(Buffer.from(name), (byte) => percentEncoded(byte, /[A-Za-z0-9]/)).join('');
  expect(decodeURIComponent(encoded)).toBe(name);
});
