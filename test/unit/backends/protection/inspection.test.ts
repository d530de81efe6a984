import { expect, test } from 'vitest';
import { isSameProtection, protectionReference } from '../../../../src/backends/protection/inspection.ts';

const listing = (handle: number, packets: number, verdict = 'drop') =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1' } },
      { rule: { handle, expr: [{ counter: { packets, bytes: packets } }, { [verdict]: null }] } },
    ],
  });

test('handles and counters make no difference, and rules do', () => {
  expect(isSameProtection(listing(1, 2), listing(3, 4))).toBe(true);
  expect(isSameProtection(listing(1, 2), listing(1, 2, 'accept'))).toBe(false);
});

test('the reference is made in a network namespace of its own', () => {
  const { program, args, input } = protectionReference({ icmp: 'all', reject: [], sshPorts: [] });
  expect([program, args[0]]).toEqual(['unshare', '-n']);
  expect(input).toMatch(/^table inet guestgate_host/);
});
