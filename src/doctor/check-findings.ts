import type { Finding, FindingKind, Subject } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import type { Check, HostFinding } from './check.ts';
import { isWaiting } from './leases.ts';

/**
 * The findings of `check`: mistakes in the configuration, and rules that are not in place. A replay makes rules again; it is
 * no help against a mistake, which comes first, and once.
 *
 * @param differences those about head rules are left out: another check shows the rules above them
 * @param blocked those about links alone: traces show what else the host does with packets
 * @param waiting guests that wait for a lease, which is another check's finding, too
 */
export function judgeCheck(
  problems: readonly Finding[],
  differences: readonly Finding[],
  blocked: readonly Finding[] = [],
  waiting: readonly GuestId[] = [],
): HostFinding[] {
  const known = new Set(problems.map(({ subject, problem }) => `${String(subject)} ${problem}`));
  const others = differences.filter(
    ({ kind, subject, problem }) =>
      kind !== 'head-rule' &&
      !(kind === 'no-address' && isAbout(subject, waiting)) &&
      !known.has(`${placeOf(subject)} ${problem}`),
  );
  const edit = 'guestgate check   # after an edit of the file';
  return [
    ...problems.map((finding) => ({ ...finding, fix: finding.fix ?? edit })),
    ...others.map(withRepair),
    ...blocked
      .filter(({ kind }) => kind === 'link')
      .map((finding) => ({ ...finding, fix: finding.fix ?? 'ip -br link' })),
  ];
}

function isAbout(subject: Subject, guests: readonly GuestId[]): boolean {
  if (typeof subject === 'string' || !('guest' in subject)) return false;
  const { driver, name } = subject.guest;
  return guests.some((guest) => guest.driver === driver && guest.name === name);
}

/** The place of a guest's policy that a finding is about. */
function placeOf(subject: Subject): string | undefined {
  return typeof subject === 'object' && 'guest' in subject ? subject.at : undefined;
}

/** Kinds that another attempt may end. */
const passing: readonly (FindingKind | undefined)[] = ['refused', 'unreadable'];

function withRepair(finding: Finding): HostFinding {
  const { kind, fix, subject } = finding;
  const isPolicy = typeof subject === 'object' && !passing.includes(kind);
  const otherwise = isPolicy ? 'guestgate check   # after an edit of its policy' : 'guestgate replay';
  return { ...finding, fix: fix ?? otherwise };
}

export const ours: Check = async ({ checked, records }) => {
  const { problems, differences, blocked } = await checked();
  return judgeCheck(
    problems,
    differences,
    blocked,
    records.filter(isWaiting).map(({ guest }) => guest),
  );
};
