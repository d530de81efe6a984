import '../own-folders.ts';
import { expect } from 'vitest';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { changesAbsence, wantedOfHost } from '../../../src/reconcile/change-networks.ts';
import type { PlanReading } from '../../../src/reconcile/plan-reading.ts';
import { absence } from '../../../src/state/absence.ts';
import { writeHostState } from '../../../src/state/host-state.ts';
import { folderTest as test } from '../own-folders.ts';

const mail = { kind: 'absent', address: '203.0.113.12', guest: 'mail' } as const;
const web = { kind: 'absent', address: '203.0.113.11', guest: 'web' } as const;

test.for([
  ['nothing is said', [], {}, false],
  ['nothing is wanted, and nothing is there', [], { [absence]: [] }, false],
  ['the first absent guest', [], { [absence]: [mail] }, true],
  ['the same in another order', [mail, web], { [absence]: [web, mail] }, false],
  ['one has started', [mail, web], { [absence]: [mail] }, true],
  ['only another network changes', [mail], { default: [] }, false],
] as const)('%s', ([, recorded, wanted, expected]) => {
  writeHostState({ networks: { [absence]: recorded } });
  expect(changesAbsence(wanted)).toBe(expected);
});

test('the mark of a configuration that cannot be read is not wanted', () => {
  const configuration = parseConfiguration([{ path: '/g.toml', text: '[host]\nmark = 16' }], '/g.toml');
  const reading = { configuration, backend: undefined } as unknown as PlanReading;
  expect(wantedOfHost(reading)).toEqual({ backend: undefined, mark: 16 });
  const hostUnknown = [{ where: '/g.toml', problem: 'x' }];
  const unread = { ...reading, configuration: { ...configuration, hostUnknown } } as unknown as PlanReading;
  expect(wantedOfHost(unread)).not.toHaveProperty('mark');
});
