import { expect, test } from 'vitest';
import { renderBaseRuleset } from '../../../../src/backends/antispoof/base-ruleset.ts';
import { confinementChains, confinementSets } from '../../../../src/backends/antispoof/confinement.ts';

test('each set that a rule names exists, in both families', () => {
  const declared = [...confinementSets.matchAll(/set (\w+)/g)].map(([, name]) => name);
  const used = new Set([...confinementChains.matchAll(/@(\w+)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual([...declared, 'closed'].sort());
  for (const name of declared.filter((one) => !one?.endsWith('6'))) expect(declared).toContain(`${name}6`);
});

test('they are in the table of what belongs to no bridge', () => {
  expect(renderBaseRuleset('inet')).toContain(confinementChains);
  expect(renderBaseRuleset('bridge')).not.toContain('chain opened_by_it');
});
