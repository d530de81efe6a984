import { expect, test } from 'vitest';
import { cellsOf } from '../../../src/explain/cells.ts';
import type { Rules } from '../../../src/explain/hooked-chains.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

/** Rules of nftables in chain `c`, elements of a set, and a listing of iptables. */
function rules(expressions: readonly object[], elements: readonly unknown[] = [], saved = ''): Rules {
  const place = { family: 'ip', table: 't' };
  return {
    family: 'ip',
    ties: 'newer',
    texts: new Map(),
    ruleset: {
      chains: [
        {
          ...place,
          name: 'c',
          rules: expressions.map((one, handle) => ({ handle, expressions: [one as never] })),
        },
      ],
      sets: [{ ...place, name: 's', map: false, elements }],
    },
    saved: { nft: parseSavedTables(saved), legacy: [] },
  };
}
const none = () => false;

test('ports are in different cells only where a rule names one', () => {
  const match = {
    match: { op: '==', left: { payload: { field: 'dport' } }, right: { set: [80, { range: [100, 110] }] } },
  };
  const { ofPort } = cellsOf([rules([match])], none, []);
  expect(ofPort(81)).toBe(ofPort(99));
  expect(ofPort(79)).not.toBe(ofPort(80));
  expect(ofPort(80)).not.toBe(ofPort(81));
  expect(ofPort(100)).toBe(ofPort(110));
  expect(ofPort(110)).not.toBe(ofPort(111));
});

test('addresses are divided by networks, ranges, single ones and routes, in their own family', () => {
  const elements = ['10.0.0.7', { prefix: { addr: '10.1.0.0', len: 16 } }, { elem: { val: '2001:db8::5' } }];
  const { ofAddress } = cellsOf([rules([], elements)], none, ['10.64.0.0/10']);
  expect(ofAddress('10.0.0.6')).not.toBe(ofAddress('10.0.0.7'));
  expect(ofAddress('10.1.0.1')).toBe(ofAddress('10.1.255.9'));
  expect(ofAddress('10.1.0.1')).not.toBe(ofAddress('10.2.0.1'));
  expect(ofAddress('10.64.0.5')).toBe(ofAddress('10.127.1.1'));
  expect(ofAddress('10.63.0.5')).not.toBe(ofAddress('10.64.0.5'));
  expect(ofAddress('2001:db8::4')).not.toBe(ofAddress('2001:db8::5'));
  expect(ofAddress('2001:db8::6')).not.toBe(ofAddress('10.127.1.1'));
});

test('iptables: words of rules count, those of chains that are ours do not', () => {
  const saved = `*filter
:FORWARD ACCEPT [0:0]
:GUESTGATE-x - [0:0]
-A FORWARD -s 10.0.0.0/24 -p tcp -m multiport --dports 22,80:90 -j DROP
-A GUESTGATE-x -d 10.9.9.9/32 -p tcp --dport 5000 -j ACCEPT
COMMIT
`;
  const ours = (_: string, chain: string) => chain.startsWith('GUESTGATE-');
  const { ofAddress, ofPort } = cellsOf([rules([], [], saved)], ours, []);
  expect(ofPort(22)).not.toBe(ofPort(23));
  expect(ofPort(85)).not.toBe(ofPort(91));
  expect(ofPort(5000)).toBe(ofPort(5001));
  expect(ofAddress('10.9.9.9')).toBe(ofAddress('10.9.9.8'));
  expect(ofAddress('10.0.0.9')).not.toBe(ofAddress('10.0.1.9'));
});
