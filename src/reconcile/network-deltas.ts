import { absentNetworks } from '../desired/absent-guests.ts';
import type { Reading } from '../desired/host-reading.ts';
import { networkElements } from '../desired/network-elements.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { absence, recordedAbsence } from '../state/absence.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { changeNetworks, type WantedOfHost } from './change-networks.ts';

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
    changing: [...found.map(({ delta }) => delta), ...absenceDelta(reading)].filter(
      ({ added, removed }) => added.length + removed.length > 0,
    ),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** What is dropped for absent guests, as a network of its own. */
function absenceDelta(reading: Reading): NetworkDelta[] {
  const { [absence]: wanted } = absentNetworks(reading);
  if (wanted === undefined) return [];
  const recorded = recordedAbsence();
  const added = elementsWithout(wanted, recorded);
  return [{ network: absence, added, removed: elementsWithout(recorded, wanted) }];
}

/**
 * Gives networks what they should have now: one that has stopped gets nothing. Needs the lock.
 *
 * @returns the problems
 */
export async function applyDeltasOfNetworks(
  networks: readonly Pick<NetworkDelta, 'network'>[],
  wanted: WantedOfHost,
  reading: Reading,
): Promise<Finding[]> {
  const live = await reading.liveNetworks(() => false);
  const problems: Finding[] = [];
  for (const { network: name } of networks) {
    const network = live.get(name);
    const elements =
      network === undefined
        ? []
        : networkElements(network, networkNat(network, reading).elements, recordedFamilies());
    const changed = name === absence ? absentNetworks(reading) : { [name]: elements };
    try {
      await changeNetworks(changed, wanted);
    } catch (error) {
      problems.push(failure(name === absence ? 'kernel' : { network: name }, error));
    }
  }
  return problems;
}
