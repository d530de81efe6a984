import { kernelDifferences } from '../check/kernel-differences.ts';
import { misplacedAccepts } from '../reconcile/antispoof-accepts.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { hasAnyGuestState, hasNetworkState } from '../reconcile/has-rules.ts';
import { misplacedHeadRules } from '../reconcile/head-rules.ts';
import { repair } from '../reconcile/network-rules.ts';
import { isBaseRulesetComplete } from '../reconcile/rebuild.ts';
import { readHostState } from '../state/host-state.ts';

/*
 * What is seen without the lock is only a reason to look with it: a hook may be half-way between its record and the kernel.
 * What is reported and counted is what was found, and repaired, with the lock held.
 */

/** What was repaired. */
export interface Repair {
  /** As a person should read it. */
  readonly what: string;
  /** The places where our accept was not first. */
  readonly places: readonly string[];
  /** What could not be done. */
  readonly problem?: string;
}

/** Whether our chains may be gone, or our accepts not first: some milliseconds, and no lock. */
export async function mayHaveDrifted(): Promise<boolean> {
  const anyGuest = hasAnyGuestState();
  if (!anyGuest && !hasNetworkState()) return false;
  const backend = await backendInUse(readHostState());
  if (!isBaseRulesetComplete(backend)) return true;
  return anyGuest && (misplacedHeadRules(backend).length > 0 || misplacedAccepts().length > 0);
}

/** The same, entry by entry: it costs what `check` costs. */
export async function mayHaveLostRules(): Promise<boolean> {
  return (hasAnyGuestState() || hasNetworkState()) && (await kernelDifferences()).length > 0;
}

/**
 * Looks again with the lock held, and repairs what is found then, in the way that every event does.
 *
 * @param closely whether to compare entry by entry; a rebuild begins to count connections at nothing
 * @returns undefined: nothing was wrong
 * @throws LockHeld, CommandError
 */
export async function repairDrift(closely: boolean): Promise<Repair | undefined> {
  let lost: readonly string[] = [];
  const { rebuilt, places, problems } = await repair(async () => {
    if (closely) lost = await kernelDifferences();
    return lost.length > 0;
  });
  if (!rebuilt && places.length === 0 && problems.length === 0) return undefined;
  const parts = [
    ...(rebuilt && lost.length === 0 ? ['our chains were gone'] : []),
    ...describeLost(lost),
    ...(places.length === 0 ? [] : [`our accept did not stand first in ${places.join(', ')}`]),
  ];
  const problem = problems.length === 0 ? {} : { problem: problems.join('; ') };
  return { what: parts.join('; '), places, ...problem };
}

function describeLost([first, ...others]: readonly string[]): string[] {
  if (first === undefined) return [];
  const what = first.replace(/^kernel: /, '').replace(/: guestgate replay$/, '');
  return [`${what}${others.length === 0 ? '' : `, and ${others.length} more`}`];
}
