import { expect, test } from 'vitest';
import { watchLine } from '../../../src/cli/watch-line.ts';
import { type Finding, ruleFault } from '../../../src/model/finding.ts';
import type { Repair } from '../../../src/watch/drift.ts';

const lost = (problem: string): Finding => ({ subject: 'kernel', ...ruleFault(problem) });
const nothing: Repair = { rebuilt: false, lost: [], places: [], problems: [] };
const repaired = (repair: Partial<Repair>) =>
  watchLine({ kind: 'repaired', repair: { ...nothing, ...repair }, milliseconds: 12 }).message;

test('a repair is one line with its cause, and of many lost rules the first', () => {
  expect(repaired({ rebuilt: true })).toBe("watch: guestgate's chains were missing: repaired in 12 ms");
  expect(repaired({ rebuilt: true, lost: [lost('a is missing')] })).toBe(
    'watch: a is missing: repaired in 12 ms',
  );
  expect(repaired({ rebuilt: true, lost: [lost('a is missing'), lost('b'), lost('c')] })).toBe(
    'watch: a is missing, and 2 more: repaired in 12 ms',
  );
  expect(repaired({ rebuilt: true, places: ['iptables FORWARD', 'ip x y'] })).toBe(
    "watch: guestgate's chains were missing; guestgate's accept rule is not first in iptables FORWARD, ip x y: repaired in 12 ms",
  );
});

test('a changed configuration is one line, whether it was applied or not', () => {
  const mistake = {
    subject: '/etc/guestgate/guestgate.toml:6',
    problem: 'invalid TOML',
    severity: 'something',
  } as const;
  expect(watchLine({ kind: 'applied', to: ['qemu guest "web"', 'network "default"'], findings: [] })).toEqual(
    {
      level: 'info',
      message: 'watch: applied the changed configuration to qemu guest "web", network "default"',
    },
  );
  expect(watchLine({ kind: 'applied', to: ['qemu guest "web"'], findings: [mistake] }).level).toBe('error');
  expect(watchLine({ kind: 'mistakes', findings: [mistake] })).toEqual({
    level: 'error',
    message: 'watch: the changed configuration is not applied; /etc/guestgate/guestgate.toml:6: invalid TOML',
  });
});

test('it names the program that changed the ruleset, and the one that started it', () => {
  const event = {
    kind: 'repaired',
    repair: { ...nothing, places: ['iptables FORWARD'] },
    milliseconds: 1,
  } as const;
  expect(watchLine({ ...event, changer: { process: 7, name: 'iptables' } }).message).toContain(
    'in iptables FORWARD, last changed by iptables (process 7): repaired',
  );
  expect(watchLine({ ...event, changer: { process: 7, name: 'iptables', parent: 'sh' } }).message).toContain(
    'last changed by iptables (process 7, started by sh)',
  );
});

test('a program that reverts the rules: a warning with the rules above, three at most', () => {
  const above = [
    { chain: 'iptables FORWARD', rules: ['-j A', '-j B', '-j C', '-j D'] },
    { chain: 'ip x y', rules: [] },
  ];
  const repair = { ...nothing, places: ['iptables FORWARD'] };
  expect(watchLine({ kind: 'backed-off', repair, above, wait: 2000 })).toEqual({
    level: 'warn',
    message:
      "watch: rules are being reverted repeatedly; guestgate's accept rule is not first in iptables FORWARD; " +
      'above it in iptables FORWARD: -j A | -j B | -j C and 1 more; no rule is above it in ip x y now; ' +
      'repaired again, from now on at most every 2 s',
  });
});

test('a failure is an error with all that went wrong', () => {
  expect(watchLine({ kind: 'failed', faults: [lost('a'), { ...ruleFault('b'), advice: 'wait' }] })).toEqual({
    level: 'error',
    message: 'watch: a (guestgate replay); b (wait)',
  });
});
