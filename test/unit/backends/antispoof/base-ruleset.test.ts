import { expect, test } from 'vitest';
import { renderBaseRuleset } from '../../../../src/backends/antispoof/base-ruleset.ts';
import { entriesOf } from '../../../../src/backends/antispoof/entries.ts';
import { antispoofTables, antispoofTablesOf } from '../../../../src/model/antispoof.ts';

const priorities = (text: string) =>
  [...text.matchAll(/hook (\w+) priority (\w+ - \d+)/g)].map(([all]) => all);

test.each(antispoofTables)('table %s has each set that a port of it needs', (table) => {
  const port = {
    kind: 'vif',
    port: 'vif1.0',
    way: table === 'bridge' ? 'bridged' : 'routed',
    mac: '00:16:3e:00:00:02',
    sources: ['10.0.0.2/32', 'fd00::2/128'],
  } as const;
  expect(antispoofTablesOf(port)).toContain(table);
  const text = renderBaseRuleset(table);
  const isolated = { bridge: 'xenbr0', isolated: true } as const;
  const entries = entriesOf(table === 'bridge' ? { ...port, ...isolated } : port, table);
  for (const { set, value } of entries)
    expect(text).toContain(`\t${value === undefined ? 'set' : 'map'} ${set} {`);
});

test('what the host routes back to a bridge is known in the other table by the tags of the ports', () => {
  const port = { kind: 'vif', port: 'vif1.0', way: 'bridged', bridge: 'xenbr0', isolated: true } as const;
  const sets = entriesOf(port, 'inet').map(({ set }) => set);
  expect(sets).toEqual(['tagged', 'tagged_isolated']);
  for (const set of sets) expect(renderBaseRuleset('inet')).toContain(`\tset ${set} {`);
});

test('frames are checked before br_netfilter hands them to iptables, at priority 0', () => {
  expect(priorities(renderBaseRuleset('bridge'))).toEqual([
    'hook prerouting priority filter - 10',
    'hook forward priority filter - 10',
    'hook input priority filter - 10',
    'hook output priority filter - 10',
  ]);
  expect(priorities(renderBaseRuleset('inet'))).toEqual([
    'hook prerouting priority raw - 10',
    'hook input priority mangle - 20',
    'hook forward priority mangle - 20',
    'hook postrouting priority mangle - 20',
  ]);
});

test.each(antispoofTables)('in table %s a port that is checked and fits nothing is dropped', (table) => {
  const check = /chain check \{([^}]*(?:\{[^}]*\}[^}]*)*)\n\t\}/.exec(renderBaseRuleset(table))?.[1];
  expect(check?.trimEnd().endsWith('counter drop')).toBe(true);
});

test.each(antispoofTables)('in table %s no base chain drops: ports that are not checked pass', (table) => {
  expect(renderBaseRuleset(table)).not.toContain('policy drop');
});
