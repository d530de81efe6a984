import { kernelDifferences } from '../check/kernel-differences.ts';
import { changedProtection } from '../check/protection-differences.ts';
import type { Finding } from '../model/finding.ts';
import { misplacedAccepts } from '../reconcile/antispoof-accepts.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { hasAnyGuestState } from '../reconcile/has-rules.ts';
import { misplacedHeadRules, misplacedJumps } from '../reconcile/head-rules.ts';
import { isProtectionLost } from '../reconcile/protection-table.ts';
import { isBaseRulesetComplete } from '../reconcile/rebuild.ts';
import { repair } from '../reconcile/repair.ts';
import { hasAdmittingNetworks, hasStandingRules } from '../reconcile/standing-rules.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedProtection } from '../state/protection.ts';

/*
 * A look without the lock is only a reason to look with it: a hook may be half-way between its record and the kernel. The
 * watcher reports and counts only what it found, and repaired, with the lock held.
 */

/** What was repaired, and what could not be. */
export interface Repair {
  /** The rules were made again: chains were gone, or rules of theirs were lost. */
  readonly rebuilt: boolean;
  /** The rules that were lost, where they were compared entry by entry. */
  readonly lost: readonly Finding[];
  /** The foreign chains in which an accept of guestgate's was not in its place. */
  readonly places: readonly string[];
  readonly problems: readonly Finding[];
}

/** Whether chains of guestgate's may be gone, or its accepts not first: some milliseconds, and no lock. */
export async function mayHaveDrifted(): Promise<boolean> {
  if (isProtectionLost()) return true;
  const anyGuest = hasAnyGuestState();
  if (!anyGuest && !hasStandingRules()) return false;
  const backend = await backendInUse(readHostState());
  if (!isBaseRulesetComplete(backend)) return true;
  if (!anyGuest && !hasAdmittingNetworks()) return (await misplacedJumps(backend)).length > 0;
  return (await misplacedHeadRules(backend)).length > 0 || misplacedAccepts().length > 0;
}

/** The same, entry by entry: it costs what `check` costs. */
export async function mayHaveLostRules(): Promise<boolean> {
  const hasRules = hasAnyGuestState() || hasStandingRules() || recordedProtection() !== undefined;
  return hasRules && (await lostRules()).length > 0;
}

/** A head rule that is not first is put back without a rebuild, which would set the counts of connections to zero. */
async function lostRules(): Promise<readonly Finding[]> {
  const differences = (await kernelDifferences()).filter(({ kind }) => kind !== 'head-rule');
  return [...differences, ...(await changedProtection())];
}

/**
 * Looks again with the lock held, and repairs what it finds then, in the way that every event does.
 *
 * @param closely whether to compare entry by entry; a rebuild sets the counts of connections to zero
 * @returns undefined: nothing was wrong
 * @throws LockHeld, CommandError
 */
export async function repairDrift(closely: boolean): Promise<Repair | undefined> {
  let lost: readonly Finding[] = [];
  const repaired = await repair(async () => {
    if (closely) lost = await lostRules();
    return lost.length > 0;
  });
  const { rebuilt, places, problems } = repaired;
  return rebuilt || places.length > 0 || problems.length > 0 ? { ...repaired, lost } : undefined;
}
