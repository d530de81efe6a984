import { check } from '../check/check.ts';
import type { Finding } from '../model/finding.ts';
import type { Check, HostFinding } from './check.ts';

/**
 * The findings of `check`: mistakes in the configuration, and rules that are not in place.
 *
 * @param differences without those about head rules: another check shows the rules above them
 * @param blocked without those that concern all guests: other checks find these
 */
export function judgeCheck(
  problems: readonly Finding[],
  differences: readonly Finding[],
  blocked: readonly Finding[] = [],
): HostFinding[] {
  const others = differences.filter(({ kind }) => kind !== 'head-rule');
  return [
    ...problems.map((finding) => withFix(finding, 'guestgate check   # after an edit of the file')),
    ...others.map((finding) => withFix(finding, 'guestgate replay')),
    ...blocked
      .filter(({ severity }) => severity !== 'everything')
      .map((finding) => withFix(finding, 'ip route; ip -br link')),
  ];
}

function withFix(finding: Finding, otherwise: string): HostFinding {
  return { ...finding, fix: finding.fix ?? otherwise };
}

export const ours: Check = async () => {
  const { problems, differences, blocked } = await check();
  return judgeCheck(problems, differences, blocked);
};
