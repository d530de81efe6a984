import type { GuestId } from '../model/guest.ts';
import type { LocalGuest } from '../model/local-guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { stateFiles } from '../model/state-files.ts';
import { close } from '../reconcile/removal.ts';
import { markEnded, markStarted } from '../state/ended-guests.ts';
import { removeLeasesAtStart } from '../state/leases-at-start.ts';
import { localId, removeLocalGuest, writeLocalGuest } from '../state/local-guests.ts';
import { addToTally } from '../state/tally.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState, makeState } from '../system/files.ts';
import { summarize } from './count-elements.ts';
import { open, orRefuse } from './guest-start.ts';
import { record } from './run-hook.ts';
import { removeSavedRules } from './saved-rules.ts';

/**
 * A local guest is up: notes that it runs, and applies its policy, as at the start of a domain. Reported twice, it counts once, with
 * what was reported last. A guest whose policy cannot be applied and has `on_error = "deny"` is not up after all.
 *
 * @returns level `error` if a part of the policy could not be applied
 * @throws UserError if its file cannot be written
 */
export async function localUp(local: LocalGuest): Promise<Outcome> {
  const { guest } = local;
  return asEvent(guest, 'up', async () => {
    // The file makes the state folder: what a boot script loaded before is looked for first.
    const removed = hasState() ? undefined : await removeSavedRules();
    makeState();
    writeLocalGuest(local);
    markStarted(guest);
    const outcome = await orRefuse(guest, () => open({ guest }, 'start'));
    if (outcome.refuse === true) await end(guest);
    return removed === undefined ? outcome : { ...outcome, message: `${removed}; ${outcome.message}` };
  });
}

/** A local guest is down: removes its rules, also where it never was up, or its file is damaged. */
export async function localDown(name: string): Promise<Outcome> {
  const id = localId(name);
  return asEvent(id, 'down', async () => {
    const removed = await end(id);
    if (removed.length === 0) return { level: 'debug', message: 'no rules to remove' };
    return { level: 'info', message: `removed: ${summarize(removed)}` };
  });
}

/** The mark overrules every plan that is made meanwhile; the file says that the guest runs, so it goes before the rules. */
async function end(id: GuestId) {
  if (!hasState()) return [];
  bestEffort('marking the guest as ended', () => markEnded(id));
  bestEffort('removing its leases at the start', () => removeLeasesAtStart(id));
  removeLocalGuest(id.name);
  return close(id);
}

/** Keeps the event for `guestgate events`. */
async function asEvent(
  { name: object }: GuestId,
  operation: 'up' | 'down',
  action: () => Promise<Outcome>,
): Promise<Outcome> {
  const began = performance.now();
  const outcome = await action();
  const { level, message } = outcome;
  const milliseconds = Math.round(performance.now() - began);
  const exitCode = level === 'error' || outcome.refuse === true ? 1 : 0;
  if (hasState())
    record(
      { hook: 'local', object, operation, level, message, exitCode, milliseconds },
      addToTally(stateFiles.calls),
    );
  return outcome;
}
