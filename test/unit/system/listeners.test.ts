import { expect, test } from 'vitest';
import { addressOf } from '../../../src/system/listeners.ts';

/* /proc/net/tcp and tcp6 (proc_net(5)): words of four bytes, each the wrong way round. */

test.each([
  ['0100007F', '127.0.0.1'],
  ['00000000', '0.0.0.0'],
  ['017AA8C0', '192.168.122.1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['B80D0120000000000000000010000000', '2001:db8::10'],
])('%s is %s', (hex, address) => {
  expect(addressOf(hex)).toBe(address);
});
