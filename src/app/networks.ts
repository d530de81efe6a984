import type { LibvirtNetwork } from '../events/network.ts';
import type { NetworkElement } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { type HostState, readHostState, writeHostState } from '../system/host-state.ts';
import { readRecords } from '../system/records.ts';
import { assertAnchors } from './anchors.ts';
import { nameInUse, otherBackend, wantedBackend } from './backend-choice.ts';
import { closeGuest } from './converge.ts';
import { disagrees, runSteps, stepsOf } from './kernel.ts';
import { isAnyKnown, isAnyNetworkKnown } from './known.ts';
import { restoreLoopback } from './loopback.ts';
import { networkElements } from './network-elements.ts';
import { natOf, networkNat } from './network-nat.ts';
import type { Outcome } from './outcome.ts';
import { readHost } from './reading.ts';
import { rebuild, standsWhole } from './rebuild.ts';
import { locked } from './submit.ts';
import { assertVifRules } from './vif-rules.ts';

/**
 * A network runs, or was changed: what it needs is put in place, and the anchors, if any guest is open. What the
 * configuration wants of it does not wait for a guest.
 */
export async function networkUp(network: LibvirtNetwork): Promise<Outcome> {
  const reading = await readHost('nobody');
  const { elements, problems } = networkNat(network, reading);
  const had = natOf(readHostState().networks[network.name]);
  if (!isAnyKnown() && elements.length === 0 && had.length === 0)
    return problems.length > 0 ? { level: 'error', message: problems.join('; ') } : nothingOpen;
  const { hostUnknown, host } = reading.configuration;
  const mark = hostUnknown.length === 0 ? host.mark : undefined;
  locked(() => {
    changeNetwork(network.name, networkElements(network, elements), mark);
    restoreLoopback(network.bridge);
  });
  const outcome = assertOpen();
  if (problems.length === 0) return outcome;
  return { level: 'error', message: [...problems, outcome.message].join('; ') };
}

/** A network has stopped. Its guests keep their rules: they may come back with it. */
export function networkDown(name: string): Outcome {
  if (!(name in readHostState().networks)) return nothingOpen;
  locked(() => changeNetwork(name, []));
  return { level: 'debug', message: 'network forgotten' };
}

/** libvirtd starts: what guests had that are gone meanwhile is removed, the anchors asserted. */
export async function tidy(): Promise<Outcome> {
  const { lookForLife } = await import('./live-domains.ts');
  const { isGone } = lookForLife();
  const gone = readRecords().filter(({ guest }) => isGone(guest));
  for (const { guest } of gone) closeGuest(guest);
  const outcome = assertOpen();
  if (gone.length === 0) return outcome;
  const names = gone.map(({ guest }) => quoted(guest.name)).join(', ');
  return {
    ...outcome,
    level: outcome.level === 'debug' ? 'info' : outcome.level,
    message: `closed, as they are gone: ${names}; ${outcome.message}`,
  };
}

/** Asserts the anchors and our own chains, if there is anything for them to accept. */
export function assertOpen(): Outcome {
  const anyGuest = isAnyKnown();
  if (!anyGuest && !isAnyNetworkKnown()) return nothingOpen;
  const problems = locked(() => {
    const state = readHostState();
    const { mark = defaultHostPolicy.mark } = state;
    const whole = otherBackend(state) === undefined && state.rebuilding !== true && standsWhole();
    if (!whole) rebuild('restoring our chains, which are gone', mark);
    return anyGuest ? [...assertAnchors(mark), ...assertVifRules()] : [];
  });
  if (problems.length > 0) return { level: 'error', message: problems.join('; ') };
  return { level: 'debug', message: 'the accepts stand first' };
}

const nothingOpen: Outcome = { level: 'debug', message: 'nothing is open' };

/**
 * Gives a network what it is to have in the kernel. To be called with the lock held.
 *
 * @param mark the bit of `ct mark` that our chains are made with, if there are none yet
 */
export function changeNetwork(name: string, wanted: readonly NetworkElement[], mark?: number): void {
  const state = readHostState();
  const { [name]: _, ...others } = state.networks;
  const networks: HostState['networks'] = wanted.length === 0 ? others : { ...others, [name]: wanted };
  writeHostState({ ...state, networks, rebuilding: true });
  const doing = `changing rules of network ${quoted(name)}`;
  const backend = wantedBackend(state);
  if (state.rebuilding || nameInUse(state) !== backend.name) {
    rebuild(doing, state.mark ?? mark);
    return;
  }
  const bit = state.mark ?? mark ?? defaultHostPolicy.mark;
  try {
    runSteps(stepsOf(backend, [], networks, state.networks, bit), doing);
    writeHostState({ ...state, networks });
  } catch (error) {
    if (!disagrees(error, backend)) throw error;
    rebuild(doing, state.mark ?? mark);
  }
}
