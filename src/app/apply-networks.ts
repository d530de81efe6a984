import { elementsWithout } from '../model/difference.ts';
import type { Element, NetworkElement } from '../model/element.ts';
import { messageOf, quoted } from '../model/problem.ts';
import { readHostState } from '../system/host-state.ts';
import { networkElements } from './network-elements.ts';
import { natOf, networkNat } from './network-nat.ts';
import { changeNetwork } from './networks.ts';
import type { Reading } from './reading.ts';
import { locked } from './submit.ts';

/** What a libvirt network that runs has, against what it should have. */
export interface NetworkDelta {
  readonly network: string;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
  /** All that it is to have. */
  readonly elements: readonly NetworkElement[];
}

/** What the configuration wants of networks that run; all else of them waits for a guest. */
export async function networkDeltas(
  reading: Reading,
): Promise<{ readonly changing: NetworkDelta[]; readonly problems: string[] }> {
  const recorded = readHostState().networks;
  const found = [...(await reading.liveNetworks(() => false))].map(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const had = natOf(recorded[name]);
    const [added, removed] = [elementsWithout(wanted, had), elementsWithout(had, wanted)];
    return { problems, delta: { network: name, added, removed, elements: networkElements(network, wanted) } };
  });
  return {
    changing: found
      .map(({ delta }) => delta)
      .filter(({ added, removed }) => added.length + removed.length > 0),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/**
 * Makes it so.
 *
 * @returns what went wrong
 */
export function applyNetworks(networks: readonly NetworkDelta[], mark: number | undefined): string[] {
  return networks.flatMap(({ network, elements }) => {
    try {
      locked(() => changeNetwork(network, elements, mark));
      return [];
    } catch (error) {
      return [`network ${quoted(network)}: ${messageOf(error)}`];
    }
  });
}
