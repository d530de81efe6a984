import { expect, test } from 'vitest';
import { chainsAt, type Rules, ruleKey, ruleTexts } from '../../../src/explain/hooked-chains.ts';
import { parseSavedTables } from '../../../src/explain/iptables-save.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

/** `ip t name filter -10`: a base chain at `forward`, or at the hook that it names after its priority. */
function rulesOf(chains: readonly string[], more: Partial<Rules> = {}): Rules {
  const nftables = chains.map((text) => {
    const [family, table, name, type, prio, hook = 'forward'] = text.split(' ');
    return { chain: { family, table, name, type, hook, prio: Number(prio), policy: 'accept' } };
  });
  return {
    family: 'ip',
    ruleset: parseListedRuleset(JSON.stringify({ nftables })),
    ties: 'newer',
    saved: { nft: [], legacy: [] },
    texts: new Map(),
    ...more,
  };
}

const at = (rules: Rules, hook: 'forward' | 'prerouting' | 'postrouting' = 'forward') =>
  chainsAt(hook, rules).map(({ name }) => name);

test('lower priorities are asked first, and chains of another family or hook not at all', () => {
  const chains = ['ip t late filter 10', 'ip t early filter -10', 'inet t both filter 0'];
  const rules = rulesOf([...chains, 'ip6 t six filter 0', 'ip t in filter 0 input']);
  expect(at(rules)).toEqual(['ip t early', 'inet t both', 'ip t late']);
});

test('of one priority, the chain that was registered last is asked first, or the other way round', () => {
  const chains = ['ip t old filter 0', 'ip t new filter 0'];
  expect(at(rulesOf(chains))).toEqual(['ip t new', 'ip t old']);
  expect(at(rulesOf(chains, { ties: 'older' }))).toEqual(['ip t old', 'ip t new']);
});

test('all that translates has one place, whatever the priorities of its chains', () => {
  const rules = rulesOf([
    'ip t nat nat -200 prerouting',
    'ip t mangle filter -150 prerouting',
    'ip t other nat 5 prerouting',
    'ip t last filter 0 prerouting',
  ]);
  expect(at(rules, 'prerouting')).toEqual(['ip t mangle', 'ip t nat', 'ip t other', 'ip t last']);
});

test('a chain of iptables-nft is read in the words of iptables, as long as both listings agree', () => {
  const saved = { nft: parseSavedTables('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n'), legacy: [] };
  const rules = rulesOf(['ip filter FORWARD filter 0', 'inet filter FORWARD filter 0'], { saved });
  expect(at(rules)).toEqual(['inet filter FORWARD', 'iptables filter FORWARD']);
  const text = '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j DROP\nCOMMIT\n';
  const other = { nft: parseSavedTables(text), legacy: [] };
  expect(at(rulesOf(['ip filter FORWARD filter 0'], { saved: other }))).toEqual(['ip filter FORWARD']);
});

test('tables of iptables-legacy are each at their place', () => {
  const chain = ':POSTROUTING ACCEPT [0:0]\nCOMMIT\n';
  const legacy = parseSavedTables(`*nat\n${chain}*mangle\n${chain}`);
  const rules = rulesOf(['ip t mine nat 100 postrouting'], { saved: { nft: [], legacy } });
  const [first, ...others] = at(rules, 'postrouting');
  expect(first).toBe('iptables-legacy mangle POSTROUTING');
  expect(others.sort()).toEqual(['ip t mine', 'iptables-legacy nat POSTROUTING']);
});

test('the texts of rules, without their counters, by their place', () => {
  const texts = ruleTexts(`table ip t { # handle 1
	set s { # handle 2
		elements = { 1 }
	}
	chain c { # handle 3
		type filter hook forward priority filter; policy accept;
		tcp dport 80 counter packets 7 bytes 420 accept # handle 4
	}
}
table inet t { # handle 5
	chain c { # handle 3
		counter packets 0 bytes 0 drop # handle 4
	}
}
`);
  expect(Object.fromEntries(texts)).toEqual({
    [ruleKey('ip', 't', 'c', 4)]: 'tcp dport 80 accept',
    [ruleKey('inet', 't', 'c', 4)]: 'drop',
  });
});
