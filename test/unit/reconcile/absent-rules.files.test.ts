import '../own-folders.ts';
import { expect } from 'vitest';
import { followAbsence, isToBeFollowed } from '../../../src/reconcile/absent-rules.ts';
import { readUplinks } from '../../../src/state/uplinks.ts';
import { folderTest as test } from '../own-folders.ts';

const reading = (followsHost: boolean, facts: string | undefined = 'the host') => ({
  absent: () => ({ elements: [], remarks: [], followsHost }),
  hostFacts: () => facts,
});

test('what is dropped by a list of addresses does not depend on the host', () => {
  expect(isToBeFollowed(reading(false))).toBe(false);
  expect(isToBeFollowed({ absent: () => undefined })).toBe(false);
  followAbsence(reading(false));
  expect(readUplinks()).toBeUndefined();
});

test('what depends on it is noted once, as the plan has seen the host', () => {
  expect(isToBeFollowed(reading(true))).toBe(true);
  followAbsence(reading(true));
  expect(readUplinks()).toMatchObject({ facts: 'the host', holders: {} });
  expect(isToBeFollowed(reading(true))).toBe(false);
  followAbsence(reading(true, 'another'));
  expect(readUplinks()?.facts).toBe('the host');
});

test('a plan that has not looked at the host notes nothing', () => {
  followAbsence({ ...reading(true), hostFacts: () => undefined });
  expect(readUplinks()).toBeUndefined();
});
