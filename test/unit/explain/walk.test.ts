import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import type { HookedChain, Rules } from '../../../src/explain/hooked-chains.ts';
import { walk } from '../../../src/explain/walk.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

/** Leads a packet through FORWARD of a table that has these rules. */
function through(rules: readonly string[], policy = 'accept') {
  const lines = rules.map((rule) => `-A ${rule}\n`);
  const chains = [...new Set(rules.map((rule) => rule.split(' ')[0]))];
  const heads = chains.map((name) => `:${name} - [0:0]\n`);
  const [table] = parseSavedTables(`*filter\n${heads.join('')}${lines.join('')}COMMIT\n`);
  const chain = table?.chains.get('FORWARD');
  if (table === undefined || chain === undefined) throw new Error('no chain');
  const base = { name: 'FORWARD', type: 'filter', priority: 0, policy };
  const hooked: HookedChain = { ...base, words: 'iptables', table, chain };
  const asked = { address: '198.51.100.1', port: 80, protocol: 'tcp' as const };
  const packet = { ...packetOf(asked, '198.51.100.2', 'eth0'), followed: true };
  const surroundings = {
    addressType: () => 'local' as const,
    addressTypeOn: () => 'local' as const,
    interfaceTo: () => 'eth0',
    firstAddress: () => undefined,
  };
  return walk(hooked, packet, {} as Rules, surroundings);
}

test('the first rule that fits counts, and the policy where none does', () => {
  expect(through(['FORWARD -p tcp -m tcp --dport 80 -j ACCEPT', 'FORWARD -j DROP']).verdict).toBe('accept');
  expect(through(['FORWARD -p udp -j ACCEPT'], 'drop')).toEqual({ verdict: 'drop', stops: [], doubts: [] });
});

test('a chain that decides nothing leads back behind its jump', () => {
  const { verdict, by, stops } = through([
    'FORWARD -j A',
    'FORWARD -j DROP',
    'A -j B',
    'A -j ACCEPT',
    'B -j RETURN',
    'B -j DROP',
  ]);
  expect([verdict, by]).toEqual(['accept', '-A A -j ACCEPT']);
  const way = stops.map(({ chain, did }) => `${chain}: ${did}`);
  expect(way).toEqual(['FORWARD: jump A', 'A: jump B', 'B: return', 'A: accept']);
});

test('behind a goto nothing of its own chain counts', () => {
  const inner = through(['FORWARD -j A', 'FORWARD -j ACCEPT', 'A -g B', 'A -j DROP', 'B -p udp -j DROP']);
  expect(inner.verdict).toBe('accept');
  expect(through(['FORWARD -g A', 'FORWARD -j DROP', 'A -p udp -j DROP']).verdict).toBe('accept');
});

test('a rule that cannot be evaluated is a doubt, and the walk continues behind it', () => {
  const { verdict, doubts } = through(['FORWARD -m set --match-set banned src -j DROP', 'FORWARD -j ACCEPT']);
  expect(verdict).toBe('accept');
  expect(doubts).toHaveLength(1);
});

test('chains that lead to each other end, and a chain that is not there decides nothing', () => {
  expect(through(['FORWARD -j A', 'A -j FORWARD'], 'drop').verdict).toBe('drop');
  expect(through(['FORWARD -j GONE', 'FORWARD -j ACCEPT']).verdict).toBe('accept');
});
