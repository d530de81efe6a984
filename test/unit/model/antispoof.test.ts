import { expect, test } from 'vitest';
import { antispoofTablesOf, isAntispoof } from '../../../src/model/antispoof.ts';
import { emulatedPort } from '../../../src/model/vif.ts';
import { forwardOf } from '../records.ts';

const port = { kind: 'vif', port: 'vif1.0', way: 'bridged' } as const;

test('a port is checked where its packets arrive, and where the host sends them back to its bridge', () => {
  expect(antispoofTablesOf(port)).toEqual(['bridge']);
  expect(antispoofTablesOf({ ...port, bridge: 'xenbr0' })).toEqual(['bridge', 'inet']);
  expect(antispoofTablesOf({ ...port, way: 'routed' })).toEqual(['inet']);
  expect([isAntispoof(port), isAntispoof(forwardOf(80))]).toEqual([true, false]);
});

test('libxl names the port of the emulated interface', () => {
  expect(emulatedPort('vif1.0')).toBe('vif1.0-emu');
});
