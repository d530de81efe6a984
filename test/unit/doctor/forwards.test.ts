import { expect, test } from 'vitest';
import type { DoctorContext } from '../../../src/doctor/check.ts';
import { forwards } from '../../../src/doctor/forwards.ts';
import { outside, tried } from './tried.ts';

const context = (more: { tried?: unknown[]; leftOut?: number; blocked?: unknown[] }) =>
  ({
    tried: () => ({ tried: more.tried ?? [], leftOut: more.leftOut ?? 0 }),
    checked: async () => ({ differences: [], blocked: more.blocked ?? [] }),
    mark: 0x10000000,
    survey: () => new Map([['ip', { sides: { uplinks: ['eth0'] } }]]),
  }) as unknown as DoctorContext;

test('forwards that arrive are no finding', async () => {
  expect(await forwards(context({ tried: [tried(outside)] }))).toEqual([]);
});

test('a finding counts the groups that were not traced', async () => {
  const [one] = await forwards(context({ leftOut: 1 }));
  expect(one).toMatchObject({ severity: 'later', problem: expect.stringContaining('1 group of them') });
  const [many] = await forwards(context({ leftOut: 12 }));
  expect(many?.problem).toContain('12 groups of them');
});

test('a route that leads elsewhere because a bridge is down is not a second finding', async () => {
  const astray = tried(outside, { output: 'eth0' });
  const found = await forwards(context({ tried: [astray] }));
  expect(found).toHaveLength(1);
  const subject = found[0]?.subject;
  expect(await forwards(context({ tried: [astray], blocked: [{ kind: 'link', subject }] }))).toEqual([]);
});
