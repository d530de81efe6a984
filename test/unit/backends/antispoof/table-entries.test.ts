import { expect, test } from 'vitest';
import { tableEntries } from '../../../../src/backends/antispoof/table-entries.ts';

const port = { kind: 'vif', port: 'vif1.0', way: 'bridged' } as const;

test('each entry names the table that its port is checked in, and the guest', () => {
  expect(tableEntries(port, 'web')).toEqual([
    { set: 'vifs', key: '"vif1.0"', family: 'bridge', label: 'web' },
  ]);
  expect(tableEntries({ ...port, way: 'routed' })).toEqual([
    { set: 'vifs', key: '"vif1.0"', family: 'inet', label: '' },
  ]);
});
