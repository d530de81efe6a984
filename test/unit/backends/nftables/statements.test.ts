import { expect, test } from 'vitest';
import { joinTransactions, nft } from '../../../../src/backends/nftables/statements.ts';

const restore = { program: 'iptables-restore', args: ['--noflush'], input: '*filter\nCOMMIT\n' };

test('transactions of nft that follow one another are one: all of them happen, or none', () => {
  expect(joinTransactions([nft('add table ip a\n'), nft('add table ip b\n')])).toEqual([
    nft('add table ip a\nadd table ip b\n'),
  ]);
});

test('transactions of different programs stay apart, in their order', () => {
  const commands = [nft('add table ip a\n'), restore, nft('add table ip b\n')];
  expect(joinTransactions(commands)).toEqual(commands);
  expect(joinTransactions([restore, restore])).toEqual([restore, restore]);
  expect(joinTransactions([])).toEqual([]);
});
