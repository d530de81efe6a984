import { withDefinition } from '../desired/libvirt-definition.ts';
import { describeFault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, Deferred, messageOf, quoted, UserError } from '../model/problem.ts';
import { bridgedFramesPass, uncheckedSources } from '../reconcile/port-rules.ts';
import { close } from '../reconcile/removal.ts';
import { markEnded, markStarted } from '../state/ended-guests.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { bridgeOf } from '../system/host.ts';
import { xenGuestIn } from '../xen/running-guests.ts';
import type { VifCall } from '../xen/vif-call.ts';
import { carryOut, open } from './guest-start.ts';

/** What one call of a vif script came to, and for whom. */
export interface VifOutcome extends Outcome {
  readonly guest?: string;
}

/** Does what Xen runs its vif scripts for. */
export async function onVif(call: VifCall): Promise<VifOutcome> {
  switch (call.command) {
    case 'online':
    case 'add':
      return vifUp(call);
    case 'offline':
      return vifDown(call);
    case 'remove':
      // The emulated twin's port is the interface's, and goes with it.
      return { level: 'debug', message: 'it goes with its interface' };
  }
}

async function vifUp(call: VifCall): Promise<VifOutcome> {
  const found = xenGuestIn(call.folder);
  if (found === undefined)
    return {
      level: 'error',
      message: `xenstore does not tell of ${call.folder}: nothing is opened, nothing that the guest sends is checked (is xenstored running? xenstore-ls -f ${call.folder})`,
    };
  const guest = asSeen(found, call);
  const records = readRecords();
  const own = records.find((record) => recordName(record.guest) === recordName(guest));
  if (call.command === 'add' && own !== undefined && has(own, call.tap))
    return { guest: guest.name, level: 'debug', message: 'it came with its interface' };
  // Renamed while it runs, or another's that ended without a word: a port is one guest's.
  const taps = guest.nics.flatMap(({ tap }) => tap ?? []);
  for (const record of records)
    if (record !== own && taps.some((tap) => has(record, tap))) await close(record.guest);
  markStarted(guest);
  const outcome = await attempt(guest, async () => open(await withDefinition(guest), 'all'));
  const bridged = guest.nics.some(({ vif }) => vif?.way === 'bridged');
  return { guest: guest.name, ...(bridged ? withRemark(outcome, guest) : outcome) };
}

/** Where nothing can be done, the files may still say that the guest may not run then. */
async function attempt(guest: Guest, action: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CommandError) && !(error instanceof UserError)) throw error;
    const { loadConfiguration } = await import('../desired/configuration.ts');
    const { guests } = await loadConfiguration();
    const found = [guest.name, guest.uuid].map((key) => key && guests.get(key)).find((one) => one);
    const refuse = typeof found === 'object' && found.policy.onError === 'deny';
    const level = error instanceof Deferred ? 'warn' : 'error';
    return { level, message: messageOf(error), ...(refuse && { refuse }) };
  }
}

/** What xenstore does not know: the address that the script made up, the bridge that it chose. */
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
  const record = readRecords().find((one) => has(one, tap));
  if (record === undefined) return { level: 'debug', message: 'nothing was open' };
  const { name } = record.guest;
  const rest = record.guest.nics.filter((nic) => nic.tap !== tap);
  if (!rest.some(({ vif }) => vif !== undefined)) {
    bestEffort('noting that the guest has ended', () => markEnded(record.guest));
    const { summarize } = await import('./summarize.ts');
    return { guest: name, level: 'info', message: `closed: ${summarize(await close(record.guest))}` };
  }
  const { planInterfaceChange } = await import('../reconcile/interface-change.ts');
  const request = await planInterfaceChange(record, { change: 'offline', tap });
  if (request === undefined) return { guest: name, level: 'debug', message: 'nothing to do' };
  const desired = request.kind === 'apply' ? request.desired : { deny: false };
  return { guest: name, ...(await carryOut(request, desired)) };
}

function has({ guest }: GuestRecord, tap: string): boolean {
  return guest.driver === 'libxl' && guest.nics.some((nic) => nic.tap === tap);
}

/** Said where somebody may look for rules in iptables that are not there, or trust in what nobody checks. */
function withRemark(outcome: Outcome, { nics }: Guest): Outcome {
  const unchecked = nics.some(({ vif }) => vif?.sources !== undefined) ? uncheckedSources() : undefined;
  if (unchecked !== undefined)
    return {
      ...outcome,
      level: outcome.level === 'error' ? 'error' : 'warn',
      message: `${outcome.message}; ${describeFault(unchecked)}`,
    };
  if (bridgedFramesPass('ip')) return outcome;
  const why = 'bridged frames do not pass iptables, net.bridge.bridge-nf-call-iptables is not 1';
  return { ...outcome, message: `${outcome.message} (no physdev rules: ${why})` };
}

/** As the log names the event. */
export function describeVif({ command, tap }: VifCall, guest: string | undefined): string {
  return guest === undefined
    ? `vif ${quoted(tap)} ${command}`
    : `xen guest ${quoted(guest)} ${tap} ${command}`;
}
