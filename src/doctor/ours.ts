import { check } from '../check/check.ts';
import type { Examination, Finding } from './finding.ts';

/** What `check` finds: mistakes in the configuration, and what is not in place. */
export function judgeCheck(problems: readonly string[], differences: readonly string[]): Finding[] {
  return [
    ...problems.map(
      (what): Finding => ({ harm: 'something', what, mend: 'guestgate check   # after an edit of the file' }),
    ),
    ...differences.flatMap(judgeDifference),
  ];
}

/** Where our accept does not stand, other findings tell more of it. */
function judgeDifference(text: string): Finding[] {
  if (text.includes('our accept does not stand first')) return [];
  const [, seen, look] = /^(.* could not be compared: .*) \(to see all of it, run: (.*)\)$/s.exec(text) ?? [];
  if (seen !== undefined && look !== undefined) return [{ harm: 'later', what: seen, mend: look }];
  const [, what = text, command] = /^(.*): (guestgate [a-z]+)$/s.exec(text) ?? [];
  const all = /^kernel: (there is no table|the chains of table)/.test(what);
  return [{ harm: all ? 'everything' : 'something', what, mend: command ?? 'guestgate replay' }];
}

export const ours: Examination = async () => {
  const { problems, differences } = await check();
  return judgeCheck(problems, differences);
};
