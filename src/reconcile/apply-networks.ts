import type { Reading } from '../desired/host-reading.ts';
import { networkElements } from '../desired/network-elements.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { readHostState } from '../state/host-state.ts';
import { changeNetwork, type WantedOfHost } from './network-rules.ts';
import { readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';

/** What a libvirt network that runs has, against what it should have. */
export interface NetworkDelta {
  readonly network: string;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
}

/** What the configuration wants of networks that run; all else of them waits for a guest. */
export async function networkDeltas(
  reading: Reading,
): Promise<{ readonly changing: NetworkDelta[]; readonly problems: readonly Finding[] }> {
  const recorded = readHostState().networks;
  const found = [...(await reading.liveNetworks(() => false))].map(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const had = natOf(recorded[name]);
    const [added, removed] = [elementsWithout(wanted, had), elementsWithout(had, wanted)];
    return { problems, delta: { network: name, added, removed } };
  });
  return {
    changing: found
      .map(({ delta }) => delta)
      .filter(({ added, removed }) => added.length + removed.length > 0),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/**
 * Makes it so, as it is with the lock held: a network may have stopped, or changed, since it was looked at.
 *
 * @returns what went wrong
 */
export async function applyNetworks(
  networks: readonly NetworkDelta[],
  wanted: WantedOfHost,
): Promise<Finding[]> {
  if (networks.length === 0) return [];
  return locked(async () => {
    const reading = await readForPlan('nobody');
    const live = await reading.liveNetworks(() => false);
    const problems: Finding[] = [];
    for (const { network: name } of networks) {
      const network = live.get(name);
      const elements =
        network === undefined ? [] : networkElements(network, networkNat(network, reading).elements);
      try {
        await changeNetwork(name, elements, wanted);
      } catch (error) {
        problems.push(failure({ network: name }, error));
      }
    }
    return problems;
  });
}
