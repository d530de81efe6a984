import { expect, test } from 'vitest';
import { renderMadeRemoval, tablesToCome } from '../../../src/reconcile/made-tables.ts';

const table = (name: string) => ({ table: { family: 'ip', name } });
const chain = (name: string, more: object = {}) => ({
  chain: { family: 'ip', table: 'nat', name, hook: 'prerouting', policy: 'accept', ...more },
});
const rule = { rule: { family: 'ip', table: 'nat', chain: 'PREROUTING', handle: 3 } };
const made = ['ip nat', 'ip nat PREROUTING', 'ip nat OUTPUT'];
const lines = (...objects: readonly object[]) =>
  renderMadeRemoval(made, objects as never)
    .split('\n')
    .filter((line) => line !== '');

test('a table that holds only empty base chains goes whole', () => {
  expect(lines(table('nat'), chain('PREROUTING'), chain('OUTPUT'))).toEqual(['delete table ip nat']);
});

test('a table that another program uses stays, and loses only the chains that are empty', () => {
  expect(lines(table('nat'), chain('PREROUTING'), chain('OUTPUT'), rule)).toEqual([
    'delete chain ip nat OUTPUT',
  ]);
  const set = { set: { family: 'ip', table: 'nat', name: 'bans' } };
  expect(lines(table('nat'), chain('PREROUTING'), set)).toEqual(['delete chain ip nat PREROUTING']);
});

test('a policy that another program set, or a chain without a hook, is its own', () => {
  expect(lines(table('nat'), chain('PREROUTING', { policy: 'drop' }))).toEqual([]);
  expect(lines(table('nat'), chain('PREROUTING', { hook: undefined }))).toEqual([]);
});

test('what is gone already, or of another family, is not deleted', () => {
  expect(lines()).toEqual([]);
  expect(
    lines(
      { table: { family: 'ip6', name: 'nat' } },
      { chain: { ...chain('PREROUTING').chain, family: 'ip6' } },
    ),
  ).toEqual([]);
});

test('what guestgate did not make stays', () => {
  expect(renderMadeRemoval([], [table('nat'), chain('PREROUTING')] as never)).toBe('');
});

test('only iptables-nft makes tables and base chains that stay behind', () => {
  expect(tablesToCome('nftables')).toEqual([]);
  expect(tablesToCome('iptables-legacy')).toEqual([]);
});
