import type { Finding } from '../model/finding.ts';
import type { Check, HostFinding } from './check.ts';

/**
 * The findings of `check`: mistakes in the configuration, and rules that are not in place.
 *
 * @param differences without those about head rules: another check shows the rules above them
 */
export function judgeCheck(problems: readonly Finding[], differences: readonly Finding[]): HostFinding[] {
  const others = differences.filter(({ kind }) => kind !== 'head-rule');
  return [
    ...problems.map((finding) => withFix(finding, 'guestgate check   # after an edit of the file')),
    ...others.map((finding) => withFix(finding, 'guestgate replay')),
  ];
}

function withFix(finding: Finding, otherwise: string): HostFinding {
  return { ...finding, fix: finding.fix ?? otherwise };
}

export const ours: Check = async ({ checked }) => {
  const { problems, differences } = await checked();
  return judgeCheck(problems, differences);
};
