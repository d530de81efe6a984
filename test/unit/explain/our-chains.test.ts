import { expect, test } from 'vitest';
import { isOurChain, isOurDecision, withoutOurs } from '../../../src/explain/our-chains.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

test('chains of our table, and ours in tables of iptables', () => {
  expect(isOurChain('guestgate', 'admission')).toBe(true);
  expect(isOurChain('filter', 'GUESTGATE-FORWARD')).toBe(true);
  expect(isOurChain('filter', 'FORWARD')).toBe(false);
  const decision = {
    hook: 'forward',
    chain: 'iptables filter FORWARD',
    words: 'iptables',
    priority: 0,
  } as const;
  expect(isOurDecision(decision)).toBe(false);
  expect(isOurDecision({ ...decision, hit: { chain: 'GUESTGATE-x', rule: 'r', did: 'drop' } })).toBe(true);
});

test('without ours, jumps to our chains match nothing, and chains keep the number of their rules', () => {
  const saved = parseSavedTables(
    '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j GUESTGATE-FORWARD\n-A FORWARD -j DROP\nCOMMIT\n',
  );
  const bare = withoutOurs({
    family: 'ip',
    ties: 'newer',
    ruleset: { chains: [{ family: 'ip', table: 'guestgate', name: 'x', rules: [] }], sets: [] },
    texts: new Map(),
    saved: { nft: saved, legacy: [] },
  });
  expect(bare.ruleset.chains).toEqual([]);
  const rules = bare.saved.nft[0]?.chains.get('FORWARD')?.rules ?? [];
  expect(rules.map(({ words }) => words.join(' '))).toEqual(['', '-j DROP']);
});
