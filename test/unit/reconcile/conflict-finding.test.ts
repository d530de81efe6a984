import { expect, test } from 'vitest';
import { describeFinding } from '../../../src/model/finding.ts';
import { conflict } from '../../../src/reconcile/conflict-finding.ts';

const asking = { driver: 'qemu', name: 'web' } as const;
const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;

test('the guest that asks, what it asks for, and the guest that has it', () => {
  const found = conflict(asking, claim, 'lxc-mail', { driver: 'lxc', name: 'ma"il' });
  expect(found).toMatchObject({ kind: 'conflict', severity: 'something' });
  expect(describeFinding(found)).toMatch(
    /^qemu guest "web": .*80\/tcp.* is taken by lxc guest "ma\\"il", which came first \(use another port/,
  );
});

test('of a holder that is not known its record is named', () => {
  expect(conflict(asking, claim, 'qemu-mail', undefined, 'whose policy is in a file').problem).toMatch(
    /is taken by qemu-mail, whose policy is in a file$/,
  );
});

test('a finding is about the guest, without its interfaces', () => {
  const guest = { ...asking, nics: [{ addresses: [] }] };
  expect(conflict(guest, { identity: '192.168.122.9' }, 'qemu-a', undefined).subject).toEqual({
    guest: asking,
  });
});
