import { expect, test } from 'vitest';
import { inspection } from '../../../../src/backends/antispoof/inspection.ts';
import { renderPhysdev } from '../../../../src/backends/antispoof/physdev.ts';
import type { AntispoofElement } from '../../../../src/model/antispoof.ts';

const port: AntispoofElement = { kind: 'vif', port: 'vif1.0', way: 'bridged', sources: ['10.0.0.2/32'] };
const routed: AntispoofElement = { kind: 'vif', port: 'vif2.0', way: 'routed' };
const listing = (rules: readonly string[], ...sets: readonly (readonly [string, readonly unknown[]])[]) =>
  JSON.stringify({
    nftables: [
      { metainfo: {} },
      ...rules.map((expr) => ({ rule: { handle: 3, expr } })),
      ...sets.map(([name, elem]) => ({ set: { name, elem } })),
    ],
  });
const sets = [
  ['vifs', ['vif1.0']],
  ['checked', ['vif1.0']],
  ['sources', [{ concat: ['vif1.0', '10.0.0.2'] }]],
] as const;
const problems = (...args: Parameters<typeof inspection.differences>) =>
  inspection.differences(...args).map(({ problem }) => problem);
const reference = listing(['a', 'b'], ['vifs', []], ['checked', []], ['sources', []]);

test('only the ports of the table are compared with it', () => {
  expect(problems([port, routed], 'bridge', listing(['a', 'b'], ...sets), reference)).toEqual([]);
});

test('a missing entry, and one that no port needs, are named with their sets', () => {
  expect(
    problems(
      [port],
      'bridge',
      listing(['a', 'b'], ['vifs', ['vif1.0']], ['checked', []], ['sources', []]),
      reference,
    ),
  ).toEqual(['checked { vif1.0 } is missing', 'sources { vif1.0 . 10.0.0.2 } is missing']);
  expect(problems([], 'bridge', listing(['a', 'b'], ...sets), reference)).toEqual([
    'unexpected entry vifs { vif1.0 }',
    'unexpected entry checked { vif1.0 }',
    'unexpected entry sources { vif1.0 . 10.0.0.2 }',
  ]);
});

test('a rule that another program removed closes or opens everything', () => {
  const [fault, ...others] = inspection.differences([port], 'bridge', listing(['a'], ...sets), reference);
  expect(fault).toMatchObject({
    severity: 'everything',
    problem: 'the chains of table bridge guestgate were changed: 1 rule is missing, 0 are unexpected',
  });
  expect(others).toEqual([]);
});

test('accepts in iptables are those of the ports, in whichever order the records are', () => {
  const ports = [port, { ...port, port: 'vif3.0' }];
  const rules = renderPhysdev(ports, 'ip');
  const listed = (lines: readonly string[]) => `-N GUESTGATE-VIFS\n${lines.join('\n')}\n`;
  expect(inspection.hasAccepts(ports, 'ip', listed(rules))).toBe(true);
  expect(inspection.hasAccepts(ports.toReversed(), 'ip', listed(rules))).toBe(true);
  expect(inspection.hasAccepts(ports, 'ip', listed(rules.slice(1)))).toBe(false);
  expect(inspection.hasAccepts([port], 'ip', listed(rules))).toBe(false);
});
