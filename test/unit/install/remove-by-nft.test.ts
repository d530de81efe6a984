import { expect, test } from 'vitest';
import { renderNftRemoval } from '../../../src/install/remove-by-nft.ts';

const chain = (name: string) => ({ chain: { name } });
const rule = (inChain: string, handle: number, ...expr: readonly unknown[]) => ({
  rule: { chain: inChain, handle, expr },
});
const jump = (target: string) => ({ jump: { target } });
const lines = (...objects: readonly object[]) =>
  renderNftRemoval(objects as never, 'ip filter')
    .split('\n')
    .filter((line) => line !== '');

test('a table without anything of ours stays as it is', () => {
  expect(lines({ metainfo: {} }, chain('FORWARD'), rule('FORWARD', 3, { drop: null }))).toEqual([]);
});

test('jumps first, then rules, then chains: nft refuses to delete a chain that a rule leads to', () => {
  const objects = [
    chain('FORWARD'),
    chain('GUESTGATE-FORWARD'),
    rule('FORWARD', 3, { counter: {} }, jump('GUESTGATE-FORWARD')),
  ];
  expect(lines(...objects)).toEqual([
    'delete rule ip filter FORWARD handle 3',
    'flush chain ip filter GUESTGATE-FORWARD',
    'delete chain ip filter GUESTGATE-FORWARD',
  ]);
});

test('rules of others stay, also those that lead elsewhere and those that nft cannot express', () => {
  const objects = [
    chain('GUESTGATE-FORWARD'),
    rule('FORWARD', 3, null, { xt: null }, jump('DOCKER')),
    { rule: { chain: 'FORWARD', handle: 4 } },
  ];
  expect(lines(...objects).filter((line) => line.startsWith('delete rule'))).toEqual([]);
});

test('the administrator’s chain goes while it is empty', () => {
  const own = [
    chain('GUESTGATE-FORWARD'),
    chain('GUESTGATE-USER'),
    rule('GUESTGATE-FORWARD', 3, jump('GUESTGATE-USER')),
  ];
  expect(lines(...own)).toContain('delete chain ip filter GUESTGATE-USER');
  const kept = (...more: readonly object[]) =>
    lines(...own, ...more).filter((line) => line.includes('GUESTGATE-USER'));
  expect(kept(rule('GUESTGATE-USER', 9, { drop: null }))).toEqual([]);
  expect(kept(rule('INPUT', 9, jump('GUESTGATE-USER')))).toEqual([]);
});
