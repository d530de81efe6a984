import { expect, test } from 'vitest';
import { judgeCheck } from '../../../src/doctor/check-findings.ts';
import { type Finding, headRuleFault } from '../../../src/model/finding.ts';

const fixes = (findings: readonly { readonly fix: string }[]) => findings.map(({ fix }) => fix);

test('findings of check: a command fixes each, and head rules are left to the check that shows the rules above', () => {
  const fault = (more: Partial<Finding> = {}): Finding => ({
    subject: 'kernel',
    problem: 'x',
    severity: 'something',
    ...more,
  });
  const mistake = fault({ subject: '/etc/guestgate/guestgate.toml:1', advice: 'write a port' });
  const unread = fault({ kind: 'unread', severity: 'later', fix: 'nft -j list ruleset' });
  const headRule: Finding = { subject: 'kernel', ...headRuleFault('iptables FORWARD') };
  expect(judgeCheck([mistake], [headRule, fault(), unread, fault({ fix: 'guestgate apply' })])).toEqual([
    { ...mistake, fix: 'guestgate check   # after an edit of the file' },
    { ...fault(), fix: 'guestgate replay' },
    unread,
    fault({ fix: 'guestgate apply' }),
  ]);
});

test('a mistake comes first, once, and without a replay that does not help', () => {
  const guest = { driver: 'qemu', name: 'web' } as const;
  const where = '/etc/guestgate/guestgate.toml:2';
  const mistake: Finding = { subject: where, problem: 'unknown key "addres"', severity: 'something' };
  const same: Finding = { ...mistake, subject: { guest, at: where } };
  const missing: Finding = { subject: { guest }, problem: 'no interface on "dmz"', severity: 'something' };
  const refused: Finding = { ...missing, kind: 'refused', problem: 'nft: no memory' };
  expect(fixes(judgeCheck([mistake], [same, missing, refused]))).toEqual([
    'guestgate check   # after an edit of the file',
    'guestgate check   # after an edit of its policy',
    'guestgate replay',
  ]);
  const unknown: Finding = { ...missing, kind: 'no-address' };
  expect(judgeCheck([], [unknown])).toHaveLength(1);
  expect(judgeCheck([], [unknown], [], [guest])).toEqual([]);
});
