import { expect, test } from 'vitest';
import { reasonAgainstNftables } from '../../../../src/backends/nftables/support.ts';

test.each([
  ['Error: Could not process rule: Operation not supported\nadd table ip guestgate\n^^^^'],
  ['netlink.c:62: Unable to initialize Netlink socket: Protocol not supported'],
  [
    '/dev/stdin:3:1-20: Error: Could not process rule: No such file or directory\nadd chain ip guestgate prerouting',
  ],
  ['Error: concatenated types not supported in interval sets'],
  ['Error: syntax error, unexpected newline, expecting string\nbogus\n     ^'],
  ['Error: unknown chain type'],
])('this says that nftables cannot do it, today and tomorrow: %s', (stderr) => {
  expect(stderr).toContain(reasonAgainstNftables(stderr) ?? 'no reason');
});

test.each([
  [''],
  ['Error: Could not process rule: Operation not permitted (you must be root)'],
  ['Error: Could not process rule: Cannot allocate memory'],
  ['Error: Could not process rule: No buffer space available'],
  ['netlink: Error: cache initialization failed: Interrupted system call'],
  [
    'nft: error while loading shared libraries: libnftables.so.1: cannot open shared object file: No such file or directory',
  ],
  ['Error: Could not process rule: Device or resource busy'],
])('this may be over in a moment: %s', (stderr) => {
  expect(reasonAgainstNftables(stderr)).toBeUndefined();
});
