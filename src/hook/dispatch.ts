import { isUnmanaged } from '../desired/is-managed.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { Document, HookCall, Reaction } from '../model/event.ts';
import { isGuestDriver, isSameGuest, recordName } from '../model/guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { hasGuestState } from '../reconcile/has-rules.ts';
import { markEnded, markStarted } from '../state/ended-guests.ts';
import { removeLeasesAtStart } from '../state/leases-at-start.ts';
import { mayBePending } from '../state/may-be-pending.ts';
import { readPolicyCache } from '../state/policy-cache.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';

/**
 * Carries out the reaction to a hook's operation. It never calls libvirt: libvirt waits for the hook, so both would
 * wait forever. Each reaction loads only the modules that it needs, because most events need none.
 */
export async function onEvent(call: HookCall, reaction: Reaction, document: Document): Promise<Outcome> {
  if (reaction === 'nothing') return { level: 'debug', message: 'nothing to do' };
  if (mayBePending()) await rollBackFirst();
  if (!(await mayHoldSavedRules(call))) return react(call, reaction, document);
  const { removeSavedRules } = await import('./saved-rules.ts');
  const removed = await removeSavedRules();
  const outcome = await react(call, reaction, document);
  if (removed === undefined) return outcome;
  const level = outcome.level === 'debug' ? 'info' : outcome.level;
  return { ...outcome, level, message: `${removed}; ${outcome.message}` };
}

/** A change that was not confirmed before the host or a program of ours ended: its files are restored before they are read. */
async function rollBackFirst(): Promise<void> {
  (await import('./roll-back-first.ts')).rollBackFirst();
}

/** Whether a boot script may have loaded a ruleset that was saved while guests ran, before this event. */
async function mayHoldSavedRules({ hook }: HookCall): Promise<boolean> {
  return isGuestDriver(hook) ? !hasState() : !(await import('./host-event.ts')).holdsRules();
}

async function react(
  call: HookCall,
  reaction: Exclude<Reaction, 'nothing'>,
  document: Document,
): Promise<Outcome> {
  switch (reaction) {
    case 'inspect':
    case 'restrict':
    case 'open':
    case 'reopen':
      return onStart(call, reaction, document);
    case 'close':
      return closeGuest(call);
    case 'catch-up':
      return (await import('./catch-up.ts')).catchUp();
    default:
      return (await import('./host-event.ts')).onHostEvent(call, reaction, document);
  }
}

async function onStart(
  call: HookCall,
  reaction: 'inspect' | 'restrict' | 'open' | 'reopen',
  document: Document,
): Promise<Outcome> {
  const { hook, object } = call;
  if (!isGuestDriver(hook)) throw new Error(`${hook} has no guests`);
  markStarted({ driver: hook, name: object });
  const xml = await document();
  const policies = readPolicyCache();
  if (
    !hasGuestState({ driver: hook, name: object }) &&
    isUnmanaged(policies, { driver: hook, name: object }, xml)
  )
    return { level: 'debug', message: 'no policy for this guest' };
  const [{ parseDomain }, { inspect, open }] = await Promise.all([
    import('../libvirt/domain.ts'),
    import('./guest-start.ts'),
  ]);
  const parsed = await parseDomain(hook, xml, object);
  const domain = hook === 'libxl' ? await asRecorded(parsed) : parsed;
  return reaction === 'inspect' ? inspect(domain, policies) : open(domain, moments[reaction], policies);
}

const moments = { restrict: 'before', open: 'start', reopen: 'running' } as const;

/** Adds what Xen's vif scripts reported about a guest's interfaces and its XML lacks. */
async function asRecorded(domain: Domain): Promise<Domain> {
  const [{ withVifs }, { readRecord }] = await Promise.all([
    import('../xen/running-guests.ts'),
    import('../state/records.ts'),
  ]);
  const recorded = readRecord(recordName(domain.guest))?.guest;
  if (recorded === undefined || !isSameGuest(recorded, domain.guest)) return domain;
  return { ...domain, guest: { ...domain.guest, nics: withVifs(domain.guest.nics, recorded.nics) } };
}

/** Marks the guest as ended first, without the lock: the mark overrules every plan that is made meanwhile. */
async function closeGuest({ hook, object }: HookCall): Promise<Outcome> {
  if (!isGuestDriver(hook)) throw new Error(`${hook} has no guests`);
  const id = { driver: hook, name: object };
  bestEffort('marking the guest as ended', () => markEnded(id));
  bestEffort('removing its leases at the start', () => removeLeasesAtStart(id));
  if (!hasGuestState(id)) return { level: 'debug', message: 'no rules to remove' };
  const [{ close }, { summarize }] = await Promise.all([
    import('../reconcile/removal.ts'),
    import('./count-elements.ts'),
  ]);
  const removed = await close(id);
  if (removed.length === 0) return { level: 'debug', message: 'no rules to remove' };
  return { level: 'info', message: `removed: ${summarize(removed)}` };
}
