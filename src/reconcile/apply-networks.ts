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

/** The difference between the rules that an active libvirt network has and those that it should have. */
export interface NetworkDelta {
  readonly network: string;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
}

/** The changes of `[network.NAME]` for active networks. Their other rules are added with a guest. */
export async function networkDeltas(
  reading: Reading,
): Promise<{ readonly changing: NetworkDelta[]; readonly problems: readonly Finding[] }> {
  const recorded = readHostState().networks;
  const found = [...(await reading.liveNetworks(() => false))].map(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const current = natOf(recorded[name]);
    const [added, removed] = [elementsWithout(wanted, current), elementsWithout(current, wanted)];
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
 * Applies differences. Networks are read again with the lock held: they may have stopped or changed meanwhile.
 *
 * @returns the problems
 */
export async function applyNetworks(
  networks: readonly NetworkDelta[],
  wanted: WantedOfHost,
): Promise<Finding[]> {
  if (networks.length === 0) return [];
  return locked(async () => {
    const reading = await readForPlan('no guest');
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
