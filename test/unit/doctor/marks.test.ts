import { describe, expect, test } from 'vitest';
import type { MarkUser } from '../../../src/doctor/mark-use.ts';
import { judgeMarkUsers, markUsersOfRouting } from '../../../src/doctor/marks.ts';

const bit = 0x10000000;

describe('which of them are findings', () => {
  const rule = (use: MarkUser['use'], more: Partial<MarkUser> = {}): MarkUser => ({
    use,
    rule: use,
    unrepaired: use === 'compares-connection',
    ...more,
  });
  const named = (backend: 'nftables' | 'iptables-nft', ...users: readonly MarkUser[]) =>
    judgeMarkUsers(users, backend, bit).flatMap(({ details = [] }) => details);

  test('what compares whole connection marks, always', () => {
    expect(named('nftables', rule('compares-connection'))).toEqual(['compares-connection']);
    expect(named('iptables-nft', rule('compares-connection'))).toEqual(['compares-connection']);
  });

  test('what clears or copies it, where guestgate cannot repair it', () => {
    for (const use of ['clears', 'copies'] as const) {
      expect(named('nftables', rule(use))).toEqual([]);
      expect(named('nftables', rule(use, { unrepaired: true }))).toEqual([use]);
      expect(named('iptables-nft', rule(use))).toEqual([use]);
    }
    expect(judgeMarkUsers([rule('clears')], 'iptables-nft', bit)).toMatchObject([{ severity: 'something' }]);
    expect(judgeMarkUsers([rule('copies')], 'iptables-nft', bit)).toMatchObject([{ severity: 'later' }]);
  });

  test('what compares whole marks of packets, if a rule copies the bit there', () => {
    const compares = rule('compares-packet', { chain: 'a' });
    expect(named('iptables-nft', compares)).toEqual([]);
    expect(named('iptables-nft', compares, rule('copies'))).toEqual(['compares-packet', 'copies']);
    expect(named('nftables', compares, rule('copies', { chain: 'b' }))).toEqual([]);
    expect(named('nftables', compares, rule('copies', { chain: 'a' }))).toEqual(['compares-packet']);
  });
});

test('policy routing: whole marks, as `ip -j rule` lists them', () => {
  const rules = [
    { priority: 0, table: 'local' },
    { priority: 100, fwmark: '0x1', table: '200' },
    { priority: 101, fwmark: '0x1', fwmask: '0xff', table: '201' },
  ];
  expect(markUsersOfRouting(rules, 'ip -4', bit).map((one) => one.rule)).toEqual([
    'ip -4 rule 100: fwmark 0x1 lookup 200',
  ]);
});
