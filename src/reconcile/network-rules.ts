import { networkElements } from '../desired/network-elements.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { describeWithin, type Finding } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { hasRecords } from '../state/record-files.ts';
import { readRecords } from '../state/records.ts';
import { assertAccepts, misplacedAccepts } from './antispoof-accepts.ts';
import { backendInUse } from './backend-choice.ts';
import { changeNetwork, wantedOfHost } from './change-network.ts';
import { hasAnyGuestState, hasNetworkState } from './has-rules.ts';
import { assertHeadRules, misplacedHeadRules } from './head-rules.ts';
import { restoreLoopback } from './loopback.ts';
import { readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';
import { isBaseRulesetComplete } from './rebuild.ts';
import { reconcile } from './reconcile.ts';
import type { RemoveRequest } from './request.ts';
import { noteUplinks } from './uplinks-noted.ts';

/**
 * Adds the rules of a network that has started or changed. Rules of its `[network.NAME]` table do not need a guest; head
 * rules, and all other rules of the network, are added only if a guest has rules.
 */
export async function networkUp(network: LibvirtNetwork): Promise<Outcome> {
  const early = networkNat(network, await readForPlan('no guest'));
  const recorded = natOf(readHostState().networks[network.name]);
  if (!hasAnyGuestState() && early.elements.length === 0 && recorded.length === 0) {
    if (early.problems.length === 0) return noRules;
    await locked(() => noteUplinks([]));
    return failed(early.problems);
  }
  const problems = await locked(async () => {
    // What was read without the lock may have changed since.
    const reading = await readForPlan('no guest');
    const { elements, problems } = networkNat(network, reading);
    await changeNetwork(network.name, networkElements(network, elements), wantedOfHost(reading));
    restoreLoopback(network.bridge);
    return problems;
  });
  const outcome = await assertOpen();
  if (problems.length === 0) return outcome;
  return { level: 'error', message: [...problems.map(describeWithin), outcome.message].join('; ') };
}

function failed(problems: readonly Finding[]): Outcome {
  return { level: 'error', message: problems.map(describeWithin).join('; ') };
}

/** Removes the rules of a stopped network. Its guests keep their rules: the network may start again. */
export async function networkDown(name: string): Promise<Outcome> {
  if (!(name in readHostState().networks)) return noRules;
  await locked(() => changeNetwork(name, []));
  return { level: 'debug', message: "removed the network's rules" };
}

/** libvirtd starts: removes the rules of guests that have ended meanwhile, and asserts the head rules. */
export async function tidy(): Promise<Outcome> {
  const { lookForLife } = await import('../desired/running-guests.ts');
  const { isGone } = lookForLife();
  const ended = readRecords().filter(({ guest }) => isGone(guest));
  const requests = ended.map(({ guest, generation }): RemoveRequest => {
    const premise = { configuration: configurationStamp(), record: generation };
    return { kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true, premise };
  });
  if (requests.length > 0) await locked(() => reconcile(requests));
  const outcome = await assertOpen();
  if (ended.length === 0) return outcome;
  const names = ended.map(({ guest }) => quoted(guest.name)).join(', ');
  return {
    ...outcome,
    level: outcome.level === 'debug' ? 'info' : outcome.level,
    message: `removed rules of guests that are no longer running: ${names}; ${outcome.message}`,
  };
}

/** Asserts the head rules and guestgate's own chains, if any guest or network has rules. */
export async function assertOpen(): Promise<Outcome> {
  const { problems } = await repair();
  if (problems.length > 0) return failed(problems);
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
  if (!hasAnyGuestState() && !hasNetworkState()) return none;
  return locked(async () => {
    const anyGuest = hasRecords();
    if (!anyGuest && !hasNetworkState()) return none;
    const state = readHostState();
    const { mark = defaultHostPolicy.mark } = state;
    const backend = await backendInUse(state);
    const settled = readJournal().pending.length === 0;
    const isComplete = settled && isBaseRulesetComplete(backend) && !(await isLost());
    const places = anyGuest ? [...misplacedHeadRules(backend), ...misplacedAccepts()] : [];
    if (!isComplete) await reconcile([], { doing: "restoring guestgate's chains", rebuild: true, mark });
    const problems = anyGuest ? [...assertHeadRules(backend, mark), ...assertAccepts()] : [];
    return { rebuilt: !isComplete, places, problems };
  });
}

const noRules: Outcome = { level: 'debug', message: 'no rules in place' };
