import { describe, expect, test } from 'vitest';
import { guestDifferences, staleGuest } from '../../../src/check/guest-differences.ts';
import type { DesiredState } from '../../../src/desired/desired-state.ts';
import type { Element } from '../../../src/model/element.ts';
import { aboutGuest, describeFinding, type Finding, policyFault } from '../../../src/model/finding.ts';
import type { GuestRecord } from '../../../src/state/records.ts';

const guest = { driver: 'qemu', name: 'web', nics: [] } as const;
const open = (port: number): Element => ({
  kind: 'open',
  guest: '192.168.122.9',
  protocol: 'tcp',
  ports: { first: port, last: port },
});
const desired: DesiredState = {
  guest,
  managed: true,
  deny: false,
  elements: [open(80), open(81)],
  networks: {},
  problems: [],
  certain: true,
  unknown: [],
};
const record: GuestRecord = {
  guest,
  elements: desired.elements,
  generation: 1,
  problems: [],
  hairpinPorts: [],
  since: '',
};
const mistake: Finding = { subject: aboutGuest(guest), ...policyFault('its address is not known') };
const conflict: Finding = { ...mistake, kind: 'conflict', problem: 'port 80/tcp is taken' };
const lines = (state: DesiredState, has: GuestRecord | undefined) =>
  guestDifferences(state, has).map(describeFinding);

describe('a running guest', () => {
  test('with all its rules has no difference', () => {
    expect(lines(desired, record)).toEqual([]);
  });

  test('rules that are missing, and stale ones, are counted', () => {
    expect(lines(desired, undefined)).toEqual([
      'qemu guest "web": 2 of 2 rules are missing (guestgate replay)',
    ]);
    expect(lines(desired, { ...record, elements: [open(80), open(82)] })).toEqual([
      'qemu guest "web": 1 of 2 rules is missing (guestgate replay)',
      'qemu guest "web": 1 stale rule (guestgate replay)',
    ]);
  });

  test('what kept rules from being applied is shown instead of their number', () => {
    expect(guestDifferences(desired, { ...record, elements: [], problems: [conflict] })).toEqual([conflict]);
  });

  test('a mistake is reported as it is now, not as it was when the record was written', () => {
    expect(guestDifferences({ ...desired, problems: [mistake] }, { ...record, problems: [mistake] })).toEqual(
      [mistake],
    );
    expect(lines(desired, { ...record, elements: [], problems: [mistake] })).toEqual([
      'qemu guest "web": 2 of 2 rules are missing (guestgate replay)',
    ]);
  });

  test('several leases are reported as they are now', () => {
    const several: Finding = { ...mistake, kind: 'several-leases', problem: 'has several DHCP leases' };
    expect(guestDifferences(desired, { ...record, problems: [several] })).toEqual([]);
    expect(guestDifferences({ ...desired, problems: [several] }, { ...record, problems: [several] })).toEqual(
      [several],
    );
  });

  test('of an uncertain plan no rule is counted', () => {
    const uncertain = { ...desired, certain: false, problems: [mistake] };
    expect(guestDifferences(uncertain, undefined)).toEqual([mistake]);
  });
});

test('a record of a guest that does not run', () => {
  expect(describeFinding(staleGuest(record))).toBe(
    'qemu guest "web": is not running but still has rules (guestgate replay)',
  );
});
