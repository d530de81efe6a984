import { expect, test } from 'vitest';
import { absentDifferences } from '../../../src/check/absent-differences.ts';
import { describeFinding } from '../../../src/model/finding.ts';
import type { NetworkElement } from '../../../src/model/network-element.ts';

const element = (address: string): NetworkElement => ({ kind: 'absent', address, guest: 'mail' });
const differences = (...sides: Parameters<typeof absentDifferences>) =>
  absentDifferences(...sides).map(describeFinding);

test('what is missing and what is left', () => {
  expect(differences([element('203.0.113.12')], [element('203.0.113.12')])).toEqual([]);
  expect(differences([element('203.0.113.12')], [element('203.0.113.13')])).toEqual([
    'guest "mail": packets to 203.0.113.12 are not dropped while the guest does not run (guestgate apply)',
    'guest "mail": packets to 203.0.113.13 are still dropped while the guest does not run (guestgate apply)',
  ]);
  expect(differences(undefined, [element('203.0.113.13')])).toEqual([]);
});
