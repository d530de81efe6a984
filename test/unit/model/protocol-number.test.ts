import { expect, test } from 'vitest';
import { protocols } from '../../../src/model/port.ts';
import { protocolNumbers } from '../../../src/model/protocol-number.ts';

test('each protocol that can be forwarded has a number', () => {
  for (const protocol of protocols) expect(protocolNumbers[protocol], protocol).toBeGreaterThan(0);
});

test('no two protocols have the same number, and each fits in the byte of an IP header', () => {
  const numbers = Object.values(protocolNumbers);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toBeLessThan(256);
});
