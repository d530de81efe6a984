import { expect, test } from 'vitest';
import { readRuleset } from '../../../src/explain/read-ruleset.ts';

const chain = (family: string, table: string, name: string) => ({ chain: { family, table, name } });
const rule = (family: string, table: string, name: string, handle: number) => ({
  rule: { family, table, chain: name, handle, expr: [{ accept: null }] },
});
const json = (...nftables: readonly object[]) => JSON.stringify({ nftables });

/** A host with this many chains of guestgate's in iptables' filter table, and all that is asked of it. */
function hostWith(count: number) {
  const ours = Array.from({ length: count }, (_, index) => chain('ip', 'filter', `GUESTGATE-${index}`));
  const others = [chain('ip', 'filter', 'FORWARD'), chain('inet', 'own', 'c')];
  const rules = [rule('ip', 'filter', 'FORWARD', 3), rule('inet', 'own', 'c', 7)];
  const answers: Record<string, string> = {
    'nft -j list chains': json(...ours, ...others),
    'nft -j -t list ruleset': json(...ours, ...others, ...rules),
    'nft -a -t list ruleset': 'table inet own {\n\tchain c {\n\t\taccept # handle 7\n\t}\n}\n',
    'nft -j -t list table inet own': json(others[1] as object, rules[1] as object),
    'nft -a -t list table inet own': 'table inet own {\n\tchain c {\n\t\taccept # handle 7\n\t}\n}\n',
    'nft -j list chain ip filter FORWARD': json(others[0] as object, rules[0] as object),
  };
  const asked: string[] = [];
  const { ruleset, texts } = readRuleset(({ program, args }) => {
    asked.push([program, ...args].join(' '));
    return answers[asked.at(-1) ?? ''];
  });
  const rulesOf = Object.fromEntries(ruleset.chains.map((one) => [one.name, one.rules.length]));
  return { asked, rulesOf, text: texts.get('inet own c 7') };
}

test('few chains: the whole ruleset together', () => {
  const { asked, rulesOf, text } = hostWith(2);
  expect(asked).toEqual(['nft -j list chains', 'nft -j -t list ruleset', 'nft -a -t list ruleset']);
  expect(rulesOf).toEqual({ FORWARD: 1, c: 1, 'GUESTGATE-0': 0, 'GUESTGATE-1': 0 });
  expect(text).toBe('accept');
});

test("thousands of guestgate's in iptables: the rules of all others, and never the whole", () => {
  const { asked, rulesOf, text } = hostWith(3000);
  expect(asked).not.toContain('nft -j -t list ruleset');
  expect(asked).not.toContain('nft -a -t list ruleset');
  expect(asked).toHaveLength(4);
  expect(rulesOf).toMatchObject({ FORWARD: 1, c: 1, 'GUESTGATE-2999': 0 });
  expect(Object.keys(rulesOf)).toHaveLength(3002);
  expect(text).toBe('accept');
});
