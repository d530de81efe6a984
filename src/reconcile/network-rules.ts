import { networkElements } from '../desired/network-elements.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { NetworkElement } from '../model/element.ts';
import { describeWithin, type Finding } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { type HostState, nameInUse, readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { hasRecords, readRecords } from '../state/records.ts';
import { backendInUse } from './backend-choice.ts';
import { hasAnyGuestState, hasNetworkState } from './has-rules.ts';
import { assertHeadRules, misplacedHeadRules } from './head-rules.ts';
import { restoreLoopback } from './loopback.ts';
import { readForPlan } from './plan-reading.ts';
import { assertVifRules, misplacedVifRules } from './port-rules.ts';
import { locked } from './queue.ts';
import { isBaseRulesetComplete } from './rebuild.ts';
import { reconcile } from './reconcile.ts';
import type { RemoveRequest } from './request.ts';
import { transact } from './transaction.ts';

/**
 * A network runs, or was changed: what it needs is put in place, and the anchors, if any guest is open. What the
 * configuration wants of it does not wait for a guest.
 */
export async function networkUp(network: LibvirtNetwork): Promise<Outcome> {
  const reading = await readForPlan('nobody');
  const { elements, problems } = networkNat(network, reading);
  const had = natOf(readHostState().networks[network.name]);
  if (!hasAnyGuestState() && elements.length === 0 && had.length === 0)
    return problems.length > 0 ? failed(problems) : nothingOpen;
  const { hostUnknown, host } = reading.configuration;
  const wanted = { backend: reading.backend, ...(hostUnknown.length === 0 && { mark: host.mark }) };
  await locked(async () => {
    await changeNetwork(network.name, networkElements(network, elements), wanted);
    restoreLoopback(network.bridge);
  });
  const outcome = await assertOpen();
  if (problems.length === 0) return outcome;
  return { level: 'error', message: [...problems.map(describeWithin), outcome.message].join('; ') };
}

function failed(problems: readonly Finding[]): Outcome {
  return { level: 'error', message: problems.map(describeWithin).join('; ') };
}

/** A network has stopped. Its guests keep their rules: they may come back with it. */
export async function networkDown(name: string): Promise<Outcome> {
  if (!(name in readHostState().networks)) return nothingOpen;
  await locked(() => changeNetwork(name, []));
  return { level: 'debug', message: 'network forgotten' };
}

/** libvirtd starts: what guests had that are gone meanwhile is removed, the anchors asserted. */
export async function tidy(): Promise<Outcome> {
  const { lookForLife } = await import('../desired/running-guests.ts');
  const { isGone } = lookForLife();
  const gone = readRecords().filter(({ guest }) => isGone(guest));
  const requests = gone.map(({ guest, generation }): RemoveRequest => {
    const premise = { configuration: configurationStamp(), record: generation };
    return { kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true, premise };
  });
  if (requests.length > 0) await locked(() => reconcile(requests));
  const outcome = await assertOpen();
  if (gone.length === 0) return outcome;
  const names = gone.map(({ guest }) => quoted(guest.name)).join(', ');
  return {
    ...outcome,
    level: outcome.level === 'debug' ? 'info' : outcome.level,
    message: `removed rules of guests that are no longer running: ${names}; ${outcome.message}`,
  };
}

/** Asserts the anchors and our own chains, if there is anything for them to accept. */
export async function assertOpen(): Promise<Outcome> {
  const { problems } = await repair();
  if (problems.length > 0) return failed(problems);
  return { level: 'debug', message: 'the accepts stand first' };
}

/** What was found with the lock held, and repaired. */
export interface Repaired {
  /** Our own chains were gone, or the last transaction had not come to its end. */
  readonly rebuilt: boolean;
  /** The foreign chains in which our accepts were not first. */
  readonly places: readonly string[];
  /** What could not be done. */
  readonly problems: readonly Finding[];
}

/**
 * Puts back what another program took away or pushed down.
 *
 * @param isLost asked with the lock held, when no hook is half-way: whether rules of ours are missing while the chains stand
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
    const whole = settled && isBaseRulesetComplete(backend) && !(await isLost());
    const places = anyGuest ? [...misplacedHeadRules(backend), ...misplacedVifRules()] : [];
    if (!whole) await reconcile([], { doing: 'restoring our chains, which are gone', rebuild: true, mark });
    const problems = anyGuest ? [...assertHeadRules(backend, mark), ...assertVifRules()] : [];
    return { rebuilt: !whole, places, problems };
  });
}

/** What the configuration wants of the host; undefined: as before. */
export interface WantedOfHost {
  readonly mark?: number;
  readonly backend?: BackendName | undefined;
}

const nothingOpen: Outcome = { level: 'debug', message: 'nothing is open' };

/**
 * Gives a network what it is to have in the kernel. To be called with the lock held.
 *
 * @param mark the bit of `ct mark` that our chains are made with, if there are none yet
 */
export async function changeNetwork(
  name: string,
  wanted: readonly NetworkElement[],
  { mark, backend }: WantedOfHost = {},
): Promise<void> {
  const state = readHostState();
  const { [name]: _, ...others } = state.networks;
  const networks: HostState['networks'] = wanted.length === 0 ? others : { ...others, [name]: wanted };
  const bit = state.mark ?? mark ?? defaultHostPolicy.mark;
  const host = { networks, mark: bit, backend: backend ?? nameInUse(state) ?? 'nftables' };
  await transact([], host, { doing: `changing rules of network ${quoted(name)}` });
}
