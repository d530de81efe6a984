import { withDefinition } from '../desired/libvirt-definition.ts';
import { describeFault } from '../model/finding.ts';
import { type Guest, type GuestId, recordName } from '../model/guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, quoted } from '../model/problem.ts';
import { emulatedPort } from '../model/vif.ts';
import { uncheckedSources } from '../reconcile/antispoof-accepts.ts';
import { close } from '../reconcile/removal.ts';
import { markEnded, markStarted } from '../state/ended-guests.ts';
import { removeLeasesAtStart } from '../state/leases-at-start.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { bridgedFramesPass, bridgedFramesSetting, bridgeOf } from '../system/host.ts';
import { xenGuestIn, xenGuests } from '../xen/running-guests.ts';
import type { VifCall } from '../xen/vif-call.ts';
import { nameWhileArriving } from '../xen/xen-guests.ts';
import { open, orRefuse, submitPlan } from './guest-start.ts';

/** The outcome of one call of a vif script, and the guest's name. */
export interface VifOutcome extends Outcome {
  readonly guest?: string;
}

/** Handles one call of a vif script. */
export async function onVif(call: VifCall): Promise<VifOutcome> {
  switch (call.command) {
    case 'online':
    case 'add':
      return vifUp(call);
    case 'offline':
      return vifDown(call);
    case 'remove':
      // The port of the emulated twin belongs to the interface.
      return { level: 'debug', message: 'removed with its interface' };
  }
}

async function vifUp(call: VifCall): Promise<VifOutcome> {
  const found = xenGuestAt(call);
  if (found === undefined) {
    if (call.command === 'add' && isTwinChecked(call.tap))
      return { level: 'debug', message: 'added with its interface' };
    return {
      level: 'error',
      message: `reading xenstore: no interface at ${call.folder}: the interface is refused, because its ip= is unknown (is xenstored running? xenstore-ls -f ${call.folder})`,
      refuse: true,
    };
  }
  const guest = asSeen(found, call);
  const records = readRecords();
  const recorded = records.find((record) => recordName(record.guest) === recordName(guest));
  if (call.command === 'add' && recorded !== undefined && has(recorded, call.tap))
    return { guest: guest.name, level: 'debug', message: 'added with its interface' };
  // A port has one guest: any other was renamed while running, or ended without an event.
  const taps = guest.nics.flatMap(({ tap }) => tap ?? []);
  for (const record of records)
    if (record !== recorded && taps.some((tap) => has(record, tap))) await close(record.guest);
  markStarted(guest);
  const outcome = await orRefuse(guest, async () => open(await withDefinition(guest), 'start'));
  const bridged = guest.nics.some(({ vif }) => vif?.way === 'bridged');
  const before = recorded?.guest.nics.flatMap(({ tap }) => tap ?? []) ?? [];
  const displaced = before.filter((tap) => !taps.includes(tap));
  const others = await openByPresentName(displaced, guest);
  return {
    guest: guest.name,
    ...withOutcomes(bridged ? withRemark(outcome, guest) : outcome, others),
  };
}

/** Whether what the emulated twin of an interface sends is checked already. */
function isTwinChecked(tap: string): boolean {
  return readRecords().some(
    (record) =>
      has(record, tap) &&
      record.elements.some((element) => element.kind === 'vif' && element.port === emulatedPort(tap)),
  );
}

/** Without an answer of xenstore nothing says what the guest may send from: the interface must not come up unchecked. */
function xenGuestAt({ folder }: VifCall): Guest | undefined {
  try {
    return xenGuestIn(folder);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Adds what xenstore lacks: the address that the script generated, the bridge that it chose. */
function asSeen(guest: Guest, { tap, ip }: VifCall): Guest {
  const nics = guest.nics.map((nic) => {
    const bridge = nic.tap === undefined ? undefined : bridgeOf(nic.tap);
    const seen = bridge === undefined ? nic : { ...nic, bridge };
    if (seen.tap !== tap || seen.vif === undefined || seen.vif.sources !== undefined || ip === undefined)
      return seen;
    const { addresses, ...sources } = ip;
    return { ...seen, addresses, vif: { ...seen.vif, ...sources } };
  });
  return { ...guest, nics };
}

async function vifDown({ tap }: VifCall): Promise<VifOutcome> {
  const record = readRecords().find((candidate) => has(candidate, tap));
  if (record === undefined) return { level: 'debug', message: 'no rules to remove' };
  const { name } = record.guest;
  const rest = record.guest.nics.filter((nic) => nic.tap !== tap);
  if (!rest.some(({ vif }) => vif !== undefined)) {
    bestEffort('marking the guest as ended', () => markEnded(record.guest));
    bestEffort('removing its leases at the start', () => removeLeasesAtStart(record.guest));
    const { summarize } = await import('./count-elements.ts');
    const message = `removed: ${summarize(await close(record.guest))}`;
    const arriving = readRecord(recordName({ driver: 'libxl', name: nameWhileArriving(name) }));
    const ports = arriving?.guest.nics.flatMap((nic) => nic.tap ?? []) ?? [];
    return {
      guest: name,
      ...withOutcomes({ level: 'info', message }, await openByPresentName(ports)),
    };
  }
  const { planInterfaceChange } = await import('../reconcile/interface-change.ts');
  const request = await planInterfaceChange(record, { change: 'offline', tap });
  if (request === undefined) return { guest: name, level: 'debug', message: 'nothing to do' };
  const desired = request.kind === 'apply' ? request.desired : { deny: false };
  return { guest: name, ...(await submitPlan(request, desired)) };
}

/**
 * Opens guests that have these ports under the name that they have now. xl gives a guest that has arrived its name without an
 * event: the end of the guest that it replaces is the event.
 *
 * @param opened a guest that has been opened already
 */
async function openByPresentName(ports: readonly string[], opened?: GuestId): Promise<Outcome[]> {
  if (ports.length === 0) return [];
  const outcomes: Outcome[] = [];
  for (const guest of xenGuests() ?? []) {
    const port = guest.nics.find(({ tap }) => tap !== undefined && ports.includes(tap))?.tap;
    // Of two domains with one name, the one that came last has it.
    if (port === undefined || (opened !== undefined && recordName(opened) === recordName(guest))) continue;
    const record = readRecords().find((one) => has(one, port));
    if (record !== undefined && recordName(record.guest) === recordName(guest)) continue;
    if (record !== undefined) await close(record.guest);
    markStarted(guest);
    const outcome = await orRefuse(guest, async () => open(await withDefinition(guest), 'start'));
    outcomes.push({ ...outcome, message: `guest ${quoted(guest.name)} on ${port}: ${outcome.message}` });
  }
  return outcomes;
}

/** One line for the log, as severe as its worst part. */
function withOutcomes(outcome: Outcome, others: readonly Outcome[]): Outcome {
  const all = [outcome, ...others];
  const level = (['error', 'warn', 'info'] as const).find((one) => all.some((part) => part.level === one));
  return {
    ...outcome,
    level: level ?? outcome.level,
    message: all.map(({ message }) => message).join('; '),
  };
}

function has({ guest }: GuestRecord, tap: string): boolean {
  return guest.driver === 'libxl' && guest.nics.some((nic) => nic.tap === tap);
}

/** Adds a warning if nothing checks the guest's packets, or why iptables has no rules for the guest. */
function withRemark(outcome: Outcome, { nics }: Guest): Outcome {
  const unchecked = nics.some(({ vif }) => vif?.sources !== undefined) ? uncheckedSources() : undefined;
  if (unchecked !== undefined)
    return {
      ...outcome,
      level: outcome.level === 'error' ? 'error' : 'warn',
      message: `${outcome.message}; ${describeFault(unchecked)}`,
    };
  if (bridgedFramesPass('ip')) return outcome;
  const why = `bridged frames do not pass iptables, ${bridgedFramesSetting('ip')} is not 1`;
  return { ...outcome, message: `${outcome.message} (no physdev rules: ${why})` };
}

/** Names the event in the log. */
export function describeVif({ command, tap }: VifCall, guest: string | undefined): string {
  return guest === undefined
    ? `vif ${quoted(tap)} ${command}`
    : `xen guest ${quoted(guest)} ${tap} ${command}`;
}
