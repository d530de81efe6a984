import { expect, test } from 'vitest';
import { iptables } from '../../../src/backends/iptables/transaction.ts';
import { nftables } from '../../../src/backends/nftables/transaction.ts';
import type { FamilyElement } from '../../../src/model/element.ts';
import type { NetworkElement } from '../../../src/model/network-element.ts';

/** What is in place without any guest, and the events of guests. */
const absent = (address: string, guest = 'mail'): NetworkElement => ({ kind: 'absent', address, guest });
const hairpin: NetworkElement = { kind: 'hairpin', bridge: 'virbr0' };
const open: FamilyElement = {
  kind: 'open',
  guest: '192.168.122.41',
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
};
const web = (before: FamilyElement[], after: FamilyElement[]) => ({
  id: 'qemu-web',
  label: 'web',
  before,
  after,
});

const backends = [nftables, iptables('nft'), iptables('legacy')];

test.each(backends)('$name: they do not wait for a guest that gets something', ({ change }) => {
  const text = (before: NetworkElement[], after: NetworkElement[]) =>
    change([web([], [])], { before, after }, 1)
      .map(({ input }) => input)
      .join('');
  expect(text([], [absent('203.0.113.9')])).toContain('203.0.113.9');
  expect(text([absent('203.0.113.9')], [])).toMatch(/delete element .* 203\.0\.113\.9|-X GUESTGATE-ABSENT/);
  expect(text([], [hairpin])).toBe('');
  expect(text([absent('203.0.113.9')], [absent('203.0.113.9')])).toBe('');
});

test.each(backends)('$name: the event of a guest costs the same with more absent guests', ({ change }) => {
  const after = Array.from({ length: 100 }, (_, index) => absent(`203.0.113.${index}`));
  const input = (elements: NetworkElement[]) =>
    change([web([], [open])], { before: elements, after: elements }, 1).map((command) => command.input);
  expect(input(after)).toEqual(input([]));
});

test.each(backends)('$name: another guest is named without a gap', ({ change }) => {
  const [step] = change(
    [],
    { before: [absent('203.0.113.9')], after: [absent('203.0.113.9', 'a"; flush ruleset')] },
    1,
  ).slice(-1);
  expect(step?.input).toContain('a%22%3B%20flush%20ruleset');
  expect(step?.input).not.toContain('a"');
});
