import { expect, test } from 'vitest';
import { judgeChain } from '../../../src/netfilter/bans.ts';
import { listedChains } from '../../../src/netfilter/listed-bans.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

test('rules of nftables', () => {
  const source = { payload: { protocol: 'ip', field: 'saddr' } };
  const port = { payload: { protocol: 'tcp', field: 'dport' } };
  const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
  const rules = [
    [match(source, '@blacklist'), { counter: { packets: 0, bytes: 0 } }, { drop: null }],
    [match({ concat: [source, port] }, '@pairs'), { reject: null }],
    [{ vmap: { key: source, data: '@verdicts' } }],
    [match({ ct: { key: 'state' } }, 'invalid', 'in'), { drop: null }],
    [match(source, '@friends', '!='), { drop: null }],
    [match(port, 80), { drop: null }],
    [{ jump: { target: 'bans' } }],
    [{ queue: null }],
    [{ accept: null }],
  ];
  const at = (chain: string, expr: object[], handle: number) => ({
    rule: { family: 'ip', table: 'filter', chain, handle, expr },
  });
  const ruleset = parseListedRuleset(
    JSON.stringify({
      nftables: [
        {
          chain: { family: 'ip', table: 'filter', name: 'FORWARD', type: 'filter', hook: 'forward', prio: 0 },
        },
        { chain: { family: 'ip', table: 'filter', name: 'bans' } },
        ...rules.map((expr, handle) => at('FORWARD', expr, handle)),
        at('bans', [match(source, '198.51.100.2'), { drop: null }], 99),
      ],
    }),
  );
  const [base] = ruleset.chains;
  if (base === undefined) throw new Error('no chain');
  const judged = judgeChain(
    'FORWARD',
    listedChains(ruleset, base, ['ip saddr @blacklist drop'], () => false),
  );
  expect(judged.map(({ kind }) => kind)).toEqual([
    'ban',
    'ban',
    'ban',
    'harmless',
    'obstacle',
    'obstacle',
    'ban',
    'obstacle',
    'harmless',
  ]);
  expect(judged[0]?.text).toBe('ip saddr @blacklist drop');
});
