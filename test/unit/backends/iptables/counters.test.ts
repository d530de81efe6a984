import { expect, test } from 'vitest';
import { readCounters } from '../../../../src/backends/iptables/counters.ts';
import { entriesOf } from '../../../../src/backends/iptables/entries.ts';
import type { FamilyElement } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const part = (...elements: FamilyElement[]) => ({ id: 'qemu-web', label: 'web', elements });

/** `iptables-save -c` of a guest's rules, the counters in the order of the rules. */
function saved(elements: readonly FamilyElement[], counters: readonly number[]): string {
  const rules = entriesOf(part(...elements), 'ip').filter(({ table, ordered }) => table === 'nat' && ordered);
  const chains = new Set(rules.map(({ chain }) => `:${chain} - [0:0]`));
  const lines = rules.map(
    ({ chain, rule }, index) => `[${counters[index]}:${(counters[index] ?? 0) * 60}] -A ${chain} ${rule}`,
  );
  return `*nat\n${[...chains, ...lines].join('\n')}\nCOMMIT\n`;
}

test('the place of a rule in its chain shows the element that it counts for', () => {
  const [one, two] = [forwardOf(8080), forwardOf(8081)];
  const counter = readCounters(saved([one, two], [3, 5]), 'ip');
  expect(counter(part(one, two), one)).toEqual({ packets: 3, bytes: 180 });
  expect(counter(part(one, two), two)).toEqual({ packets: 5, bytes: 300 });
});

test('the rules of a shifted range are added', () => {
  const range = forwardOf(0, { ports: { first: 8000, last: 8002 }, to: 9000 });
  expect(readCounters(saved([range], [1, 2, 4]), 'ip')(part(range), range)).toEqual({
    packets: 7,
    bytes: 420,
  });
});

test('where the chain has more or fewer rules, the counters are unknown', () => {
  const [one, two] = [forwardOf(8080), forwardOf(8081)];
  expect(readCounters(saved([one], [3]), 'ip')(part(one, two), one)).toBeUndefined();
  expect(readCounters(saved([one, two], [3, 5]), 'ip')(part(one), one)).toBeUndefined();
  expect(readCounters('', 'ip')(part(one), one)).toBeUndefined();
});

test('an element of the other family is not looked for', () => {
  const six = forwardOf(8080, { host: 'any6', guest: 'fd00:122::41' });
  expect(readCounters(saved([forwardOf(8080)], [3]), 'ip')(part(six), six)).toBeUndefined();
});

test('guests differ in their chains, and so do their counters', () => {
  const one = forwardOf(8080);
  const other = { ...part(one), id: 'qemu-other' };
  expect(readCounters(saved([one], [3]), 'ip')(other, one)).toBeUndefined();
});
