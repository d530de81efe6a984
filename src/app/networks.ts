import type { LibvirtNetwork } from '../events/network.ts';
import { elementKey, type NetworkElement } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { hasDriverFolder, isLive } from '../system/libvirt-files.ts';
import { type HostState, readHostState, readRecords, writeHostState } from '../system/records.ts';
import { run } from '../system/run.ts';
import { assertAnchors } from './anchors.ts';
import { closeGuest } from './converge.ts';
import { backend, disagrees } from './kernel.ts';
import { isAnyKnown } from './known.ts';
import { restoreLoopback } from './loopback.ts';
import { networkElements } from './network-elements.ts';
import type { Outcome } from './outcome.ts';
import { rebuild, standsWhole } from './rebuild.ts';
import { locked } from './submit.ts';

/** A network runs, or was changed: what it needs is put in place, and the anchors, if any guest is open. */
export function networkUp(network: LibvirtNetwork): Outcome {
  if (!isAnyKnown()) return nothingOpen;
  locked(() => {
    changeNetwork(network.name, networkElements(network));
    restoreLoopback(network.bridge);
  });
  return assertOpen();
}

/** A network has stopped. Its guests keep their rules: they may come back with it. */
export function networkDown(name: string): Outcome {
  if (!(name in readHostState().networks)) return nothingOpen;
  locked(() => changeNetwork(name, []));
  return { level: 'debug', message: 'network forgotten' };
}

/** libvirtd starts: what guests had that are gone meanwhile is removed, the anchors asserted. */
export function tidy(): Outcome {
  const gone = readRecords().filter(({ guest }) => hasDriverFolder(guest.driver) && !isLive(guest));
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
  if (!isAnyKnown()) return nothingOpen;
  const problems = locked(() => {
    const { mark = defaultHostPolicy.mark } = readHostState();
    if (!standsWhole()) rebuild('restoring our chains, which are gone', mark);
    return assertAnchors(mark);
  });
  if (problems.length > 0) return { level: 'error', message: problems.join('; ') };
  return { level: 'debug', message: 'the accepts stand first' };
}

const nothingOpen: Outcome = { level: 'debug', message: 'nothing is open' };

function changeNetwork(name: string, wanted: readonly NetworkElement[]): void {
  const state = readHostState();
  const had = state.networks[name] ?? [];
  const { [name]: _, ...others } = state.networks;
  const networks: HostState['networks'] = wanted.length === 0 ? others : { ...others, [name]: wanted };
  const kept = new Set(Object.values(networks).flat().map(elementKey));
  const surplus = had.filter((element) => !kept.has(elementKey(element)));
  writeHostState({ ...state, networks, rebuilding: true });
  const doing = `changing rules of network ${quoted(name)}`;
  if (state.rebuilding) {
    rebuild(doing);
    return;
  }
  const added = wanted.map((element) => ({ element }));
  try {
    run(backend.change(surplus, added), doing);
    writeHostState({ ...state, networks });
  } catch (error) {
    if (!disagrees(error)) throw error;
    rebuild(doing);
  }
}
