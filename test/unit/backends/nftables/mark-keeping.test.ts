import { expect, test } from 'vitest';
import { renderMarkKeeping } from '../../../../src/backends/nftables/mark-keeping.ts';

test('each rule is about connections with our label, writes our bit alone, and runs behind the mangle chains of iptables', () => {
  const text = renderMarkKeeping(0x20000000);
  const rules = text.split('\n').filter((line) => line.includes(' set '));
  expect(rules).toHaveLength(4);
  for (const rule of rules) {
    expect(rule).toContain('ct label 120 ');
    expect(rule).toMatch(/(meta mark set meta mark & 0xdfffffff|ct mark set ct mark \| 0x20000000)$/);
  }
  const hooks = [...text.matchAll(/hook (\w+) priority (.+?);/g)].map(
    ([, hook, priority]) => `${hook} ${priority}`,
  );
  expect(hooks).toEqual(['prerouting mangle + 10', 'forward mangle + 10', 'postrouting mangle + 10']);
});
