import { check } from '../check/check.ts';
import type { Check, Finding } from './finding.ts';

/** What `check` finds: mistakes in the configuration, and what is not in place. */
export function judgeCheck(problems: readonly string[], differences: readonly string[]): Finding[] {
  return [
    ...problems.map(
      (what): Finding => ({
        severity: 'something',
        what,
        fix: 'guestgate check   # after an edit of the file',
      }),
    ),
    ...differences.flatMap(judgeDifference),
  ];
}

/** Where our accept does not stand, other findings tell more of it. */
function judgeDifference(text: string): Finding[] {
  if (text.includes('our accept does not stand first')) return [];
  const [, seen, look] = /^(.* could not be compared: .*) \(to see all of it, run: (.*)\)$/s.exec(text) ?? [];
  if (seen !== undefined && look !== undefined) return [{ severity: 'later', what: seen, fix: look }];
  const [, what = text, command] = /^(.*): (guestgate [a-z]+)$/s.exec(text) ?? [];
  const all = /^kernel: (there is no table|the chains of table)/.test(what);
  return [{ severity: all ? 'everything' : 'something', what, fix: command ?? 'guestgate replay' }];
}

export const ours: Check = async () => {
  const { problems, differences } = await check();
  return judgeCheck(problems, differences);
};
