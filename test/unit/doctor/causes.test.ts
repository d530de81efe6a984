import { expect, test } from 'vitest';
import { byCause } from '../../../src/doctor/causes.ts';
import type { HostFinding } from '../../../src/doctor/check.ts';
import { headRuleFault } from '../../../src/model/finding.ts';

test('a head rule that is not first blocks what a trace saw end there, and is one finding with it', () => {
  const cause = 'iptables filter FORWARD';
  const headRule: HostFinding = { subject: 'kernel', ...headRuleFault('iptables FORWARD'), fix: 'x', cause };
  const traced: HostFinding = { subject: cause, problem: 'it drops', severity: 'something', fix: 'y', cause };
  expect(byCause([headRule])).toMatchObject([{ kind: 'head-rule', severity: 'later' }]);
  expect(byCause([headRule, traced])).toMatchObject([{ kind: 'head-rule', severity: 'something' }]);
  expect(byCause([traced])).toEqual([traced]);
});
