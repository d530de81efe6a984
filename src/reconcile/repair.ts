import { type Finding, failedOutcome } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { recordedProtection } from '../state/protection.ts';
import { hasRecords } from '../state/record-files.ts';
import { assertAccepts, misplacedAccepts } from './antispoof-accepts.ts';
import { backendInUse } from './backend-choice.ts';
import { hasAnyGuestState } from './has-rules.ts';
import { assertHeadRules, assertJumps, misplacedHeadRules, misplacedJumps } from './head-rules.ts';
import { isProtectionLost, restoreProtection } from './protection-table.ts';
import { locked } from './queue.ts';
import { isBaseRulesetComplete } from './rebuild.ts';
import { reconcile } from './reconcile.ts';
import { hasAdmittingNetworks, hasStandingRules } from './standing-rules.ts';

/** Asserts the head rules and guestgate's own chains, if any guest or network has rules. */
export async function assertOpen(): Promise<Outcome> {
  const { problems } = await repair();
  if (problems.length > 0) return failedOutcome(problems);
  return { level: 'debug', message: 'head rules are in place' };
}

/** The damage that was found, with the lock held, and repaired. */
export interface Repaired {
  /** guestgate's own chains were missing, or the last transaction was unfinished. */
  readonly rebuilt: boolean;
  /** The foreign chains in which guestgate's rules were not in place. */
  readonly places: readonly string[];
  /** Why repairs failed. */
  readonly problems: readonly Finding[];
}

/**
 * Puts back rules that another program removed or moved down.
 *
 * @param isLost whether rules are missing though the chains exist; called with the lock held, so no transaction is running
 */
export async function repair(isLost: () => Promise<boolean> = async () => false): Promise<Repaired> {
  const none = { rebuilt: false, places: [], problems: [] };
  if (!hasAnyGuestState() && !hasStandingRules() && recordedProtection() === undefined) return none;
  return locked(async () => {
    const anyGuest = hasRecords();
    if (!anyGuest && !hasStandingRules())
      return { ...none, places: await restoreProtection(isProtectionLost() || (await isLost())) };
    const state = readHostState();
    const { mark = defaultHostPolicy.mark } = state;
    const backend = await backendInUse(state);
    const settled = readJournal().pending.length === 0;
    const lost = await isLost();
    const isComplete = settled && isBaseRulesetComplete(backend) && !lost;
    const ofHost = await restoreProtection(lost);
    const isFull = anyGuest || hasAdmittingNetworks();
    const places = isFull
      ? [...ofHost, ...(await misplacedHeadRules(backend)), ...misplacedAccepts()]
      : [...ofHost, ...(await misplacedJumps(backend))];
    if (!isComplete) await reconcile([], { doing: "restoring guestgate's chains", rebuild: true, mark });
    const problems = isFull
      ? [...(await assertHeadRules(backend, mark)), ...assertAccepts()]
      : await assertJumps(backend);
    return { rebuilt: !isComplete, places, problems };
  });
}
