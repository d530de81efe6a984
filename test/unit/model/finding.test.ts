import { describe, expect, test } from 'vitest';
import {
  aboutGuest,
  describeFinding,
  describeWithin,
  distinct,
  type Finding,
  failure,
  findingsOf,
  isFinding,
  policyFault,
  type Subject,
} from '../../../src/model/finding.ts';

const guest = { driver: 'qemu', name: 'web', nics: [] } as const;
const fault = policyFault('port 80/tcp is taken', 'use another port');

describe('a finding on one line', () => {
  test.each<[Subject, string, string]>([
    ['kernel', 'kernel: ', 'kernel: '],
    [{ network: 'a b' }, 'network "a b": ', ''],
    [aboutGuest(guest), 'qemu guest "web": ', ''],
    [aboutGuest(guest, '/f.toml:3'), 'qemu guest "web": /f.toml:3: ', '/f.toml:3: '],
  ])('about %j', (subject, alone, within) => {
    const [finding] = findingsOf(subject, [fault]) as [Finding];
    expect(describeFinding(finding)).toBe(`${alone}port 80/tcp is taken (use another port)`);
    expect(describeWithin(finding)).toBe(`${within}port 80/tcp is taken (use another port)`);
  });

  test('a command is its remedy where there is no advice, and details follow', () => {
    const finding: Finding = {
      subject: 'kernel',
      problem: 'x',
      severity: 'later',
      fix: 'guestgate replay',
      details: ['one rule', 'another'],
    };
    expect(describeFinding(finding)).toBe('kernel: x (guestgate replay)\n    one rule\n    another');
    expect(describeFinding({ ...finding, advice: 'wait', details: [] })).toBe('kernel: x (wait)');
  });
});

test('an error with its cause is a finding', () => {
  const error = new Error('adding rules', { cause: new Error('no room') });
  expect(failure(aboutGuest(guest), error, 'refused')).toEqual({
    kind: 'refused',
    subject: { guest: { driver: 'qemu', name: 'web' } },
    problem: 'adding rules: no room',
    severity: 'something',
  });
});

test('what both families have in common is found once', () => {
  expect(distinct([fault, policyFault('other'), { ...fault }])).toEqual([fault, policyFault('other')]);
});

describe('a finding in a file', () => {
  const whole = { kind: 'conflict', subject: aboutGuest(guest), ...fault, details: ['x'] };
  test.each([
    [true, whole],
    [true, { subject: 'kernel', problem: 'x', severity: 'later' }],
    [true, { subject: { network: 'n' }, problem: 'x', severity: 'later', fix: 'y' }],
    [false, 'a text of format 1'],
    [false, { ...whole, kind: 'unknown' }],
    [false, { ...whole, severity: 'worst' }],
    [false, { ...whole, subject: { guest: { driver: 'vmware', name: 'web' } } }],
    [false, { ...whole, subject: {} }],
    [false, { ...whole, problem: undefined }],
    [false, { ...whole, details: 'x' }],
  ])('%j: %j', (valid, value) => {
    expect(isFinding(value)).toBe(valid);
  });
});
