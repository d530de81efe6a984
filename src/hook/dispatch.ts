import { isUnmanaged } from '../desired/is-managed.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { HookCall, Reaction } from '../model/event.ts';
import { isGuestDriver, recordName } from '../model/guest.ts';
import { noRules, type Outcome } from '../model/outcome.ts';
import { quoted } from '../model/problem.ts';
import { hasAnyGuestState, hasGuestState, hasStandingRules } from '../reconcile/has-rules.ts';
import { markEnded, markStarted } from '../state/ended-guests.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { removeLeasesAtStart } from '../state/leases-at-start.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';

/** Reads an event's XML; called only if the reaction needs it. */
export type Document = () => Promise<string>;

/**
 * Carries out the reaction to a hook's operation. It never calls libvirt: libvirt waits for the hook, so both would
 * wait forever. Each reaction loads only the modules that it needs, because most events need none.
 */
export async function onEvent(call: HookCall, reaction: Reaction, document: Document): Promise<Outcome> {
  if (reaction === 'nothing') return { level: 'debug', message: 'nothing to do' };
  if (!mayHoldSavedRules(call)) return react(call, reaction, document);
  const { removeSavedRules } = await import('./saved-rules.ts');
  const removed = await removeSavedRules();
  const outcome = await react(call, reaction, document);
  if (removed === undefined) return outcome;
  const level = outcome.level === 'debug' ? 'info' : outcome.level;
  return { ...outcome, level, message: `${removed}; ${outcome.message}` };
}

/** Whether a boot script may have loaded a ruleset that was saved while guests ran, before this event. */
function mayHoldSavedRules({ hook }: HookCall): boolean {
  return isGuestDriver(hook) ? !hasState() : nameInUse(readHostState()) === undefined;
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
      return reaction === 'network-up' || reaction === 'tidy' || hasAnyGuestState() || hasStandingRules()
        ? onHostEvent(call, reaction, document)
        : noRules;
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
  if (!hasGuestState({ driver: hook, name: object }) && isUnmanaged(object, xml))
    return { level: 'debug', message: 'no policy for this guest' };
  const [{ parseDomain }, { inspect, open }] = await Promise.all([
    import('../libvirt/domain.ts'),
    import('./guest-start.ts'),
  ]);
  const parsed = await parseDomain(hook, xml, object);
  const domain = hook === 'libxl' ? await asRecorded(parsed) : parsed;
  return reaction === 'inspect' ? inspect(domain) : open(domain, moments[reaction]);
}

const moments = { restrict: 'before', open: 'start', reopen: 'running' } as const;

/** Adds what Xen's vif scripts reported about a guest's interfaces and its XML lacks. */
async function asRecorded(domain: Domain): Promise<Domain> {
  const [{ withVifs }, { readRecord }] = await Promise.all([
    import('../xen/running-guests.ts'),
    import('../state/records.ts'),
  ]);
  const recorded = readRecord(recordName(domain.guest))?.guest.nics ?? [];
  return { ...domain, guest: { ...domain.guest, nics: withVifs(domain.guest.nics, recorded) } };
}

/** Handles events of networks and libvirtd. Except for a start, they matter only while rules are in place. */
async function onHostEvent(
  call: HookCall,
  reaction: 'network-up' | 'network-down' | 'attach' | 'detach' | 'assert' | 'tidy',
  document: Document,
): Promise<Outcome> {
  switch (reaction) {
    case 'network-up':
      return (await networkRules()).networkUp((await networkOf(call, document)).network);
    case 'network-down':
      return (await networkRules()).networkDown(call.object);
    case 'attach':
    case 'detach': {
      const { changeInterface } = await import('./hotplug.ts');
      const { port } = await networkOf(call, document);
      return changeInterface(port, reaction);
    }
    case 'assert':
      return (await import('../reconcile/repair.ts')).assertOpen();
    case 'tidy':
      return (await import('../reconcile/tidy.ts')).tidy();
  }
}

function networkRules() {
  return import('../reconcile/network-rules.ts');
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

async function networkOf({ object }: HookCall, document: Document) {
  const { parseNetworkXml } = await import('../libvirt/network.ts');
  return parseNetworkXml(await document(), `the XML of network ${quoted(object)}`);
}
