import type { Left } from '../backends/rescue/ruleset.ts';
import type { Finding } from '../model/finding.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { Hindrance, messageOf, UserError } from '../model/problem.ts';
import type { RescuePlace, SavedRules } from '../model/saved-rules.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { hasAnyGuestState } from '../reconcile/has-rules.ts';
import { tablesToCome } from '../reconcile/made-tables.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { locked } from '../reconcile/queue.ts';
import { isBaseRulesetComplete } from '../reconcile/rebuild.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { type PendingChange, removePending, writePending } from '../state/pending-change.ts';
import { endRollBackProcess, startRollBackProcess } from '../state/roll-back-process.ts';
import { listingNames, readSavedRules, removeSavedRules, writeSavedRules } from '../state/saved-rules.ts';
import { bootId } from '../system/boot-clock.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { forwardingOn, readForwarding, writeSettings } from '../system/forwarding.ts';
import { hasProgram, hostFamilies } from '../system/host.ts';
import { defaultRouteInterfaces } from '../system/uplinks.ts';
import { refuseBeside } from './confirm.ts';
import { replay } from './replay.ts';
import { enterKernel, findForeign, listEverything } from './rescue-kernel.ts';
import { placeOf, readRescueFacts } from './rescue-place.ts';
import { rollBackIfDue } from './roll-back.ts';
import { undoRescue } from './undo-rescue.ts';

/** What a rescue does. */
export interface Rescue {
  readonly saved: SavedRules;
  readonly place: RescuePlace;
  /** Rules that stay as they are, as nothing can put them aside. */
  readonly left: readonly Left[];
  readonly pending?: PendingChange;
  /** Why rules of guests could not be made before. */
  readonly problems: readonly Finding[];
}

/**
 * Plans a rescue. Changes nothing.
 *
 * @throws UserError, CommandError if it cannot be done on this host
 */
export async function planRescue(): Promise<Rescue> {
  const state = readHostState();
  const { configuration, backend: chosen } = await readForPlan('no guest');
  // The rules of guests are where they are: a change of the back end is for `guestgate apply`.
  const backend = nameInUse(state) ?? chosen ?? 'nftables';
  if (backend === 'nftables' && !hasProgram('nft'))
    throw new Hindrance('rescue: nft is not installed (install nftables)');
  const { tables, bypassed, left } = findForeign(backend);
  const facts = readRescueFacts(configuration.host.interfaces ?? []);
  return {
    saved: {
      boot: bootId(),
      backend,
      tables,
      bypassed,
      made: tablesToCome(backend),
      settings: readForwarding(hostFamilies()),
    },
    place: placeOf(facts, state.mark ?? defaultHostPolicy.mark),
    left,
    problems: [],
  };
}

/**
 * Saves all rules, and puts the simplest working set in their place. It is undone unless it is confirmed.
 *
 * @param seconds how long to wait for `guestgate confirm`
 * @throws UserError, CommandError: nothing is changed, or it is undone, or the message says that it is undone later
 */
export async function rescue(seconds: number): Promise<Rescue> {
  // One that is due, as its time is over, does not count any more.
  await rollBackIfDue();
  refuseSecond();
  refuseBeside();
  const problems = await completeOwnRules();
  return withConfigurationLock(async () => {
    refuseBeside();
    refuseSecond();
    // That of an earlier boot.
    removeSavedRules();
    // Before all else: from here on, whatever ends this process, what it did is undone.
    const pending = writePending('rescue', seconds);
    try {
      startRollBackProcess();
      const done = await locked(enter);
      return { ...done, pending, problems };
    } catch (error) {
      await undoAfter(error);
      throw error;
    }
  });
}

/** The rules of guests, if another program removed any: they are part of the working set. */
async function completeOwnRules(): Promise<readonly Finding[]> {
  if (!hasAnyGuestState() || isBaseRulesetComplete(await backendInUse(readHostState()))) return [];
  const { guests, problems } = await replay();
  return [...problems, ...guests.flatMap((guest) => guest.problems)];
}

function refuseSecond(): void {
  if (readSavedRules()?.boot === bootId())
    throw new UserError(
      'a rescue is in place already (guestgate rescue --undo brings back the rules before it)',
    );
}

async function enter(): Promise<Rescue> {
  const planned = await planRescue();
  const { saved, place } = planned;
  writeSavedRules(saved, listingsOf(saved));
  enterKernel(saved, place);
  writeSettings(forwardingOn(saved.settings, defaultRouteInterfaces('ip6')));
  return planned;
}

/** @throws Hindrance if it cannot be undone now: the process that rolls back tries it again */
async function undoAfter(error: unknown): Promise<void> {
  try {
    await undoRescue();
    removePending();
    endRollBackProcess();
  } catch (second) {
    throw new Hindrance(
      `rescue: it failed half-way, and so far the rules before it could not be brought back: ${messageOf(second)} (guestgate tries it again when the time is over; guestgate rescue --undo does so now); the rescue itself failed`,
      { cause: error },
    );
  }
}

/** For people, and nft's to compare with. */
function listingsOf({ settings }: SavedRules): Record<string, string> {
  const { nft = '', ...ofIptables } = listEverything();
  const lines = Object.entries(settings).map(([path, value]) => `/proc/sys/${path} = ${value}\n`);
  return {
    [listingNames.nft]: nft,
    [listingNames.settings]: lines.join(''),
    ...Object.fromEntries(
      Object.entries(ofIptables).map(([program, text]) => [listingNames.iptables(program), text]),
    ),
  };
}
