import { expect, test } from 'vitest';
import { antispoofTableOf, isAntispoof } from '../../../src/model/antispoof.ts';
import { emulatedPort } from '../../../src/model/vif.ts';
import { forwardOf } from '../records.ts';

const port = { kind: 'vif', port: 'vif1.0', way: 'bridged' } as const;

test('a port is checked where its packets arrive', () => {
  expect(antispoofTableOf(port)).toBe('bridge');
  expect(antispoofTableOf({ ...port, way: 'routed' })).toBe('inet');
  expect([isAntispoof(port), isAntispoof(forwardOf(80))]).toEqual([true, false]);
});

test('libxl names the port of the emulated interface', () => {
  expect(emulatedPort('vif1.0')).toBe('vif1.0-emu');
});
