import { absentNetworks } from '../desired/absent-guests.ts';
import type { Reading } from '../desired/host-reading.ts';
import { networkElements } from '../desired/network-elements.ts';
import { networkNat, ofPolicy } from '../desired/network-nat.ts';
import { liveNetworkNames } from '../libvirt/files.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { absence, recordedAbsence } from '../state/absence.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { backendInUse } from './backend-choice.ts';
import { changeNetworks, type WantedOfHost } from './change-networks.ts';
import { assertHeadRules } from './head-rules.ts';
import { hasAdmittingNetworks } from './standing-rules.ts';

/** The difference between the rules that a network has and those that it should have. */
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
    const current = ofPolicy(recorded[name]);
    const [added, removed] = [elementsWithout(wanted, current), elementsWithout(current, wanted)];
    return { problems, delta: { network: name, added, removed } };
  });
  const gone = goneNetworks(
    recorded,
    found.map(({ delta }) => delta.network),
    reading,
  );
  return {
    changing: [...found.map(({ delta }) => delta), ...gone, ...absenceDelta(reading)].filter(
      ({ added, removed }) => added.length + removed.length > 0,
    ),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** The networks that have rules of a policy, and neither run nor exist, or have no policy any more. */
function goneNetworks(
  recorded: HostState['networks'],
  present: readonly string[],
  { configuration: { unread, hostUnknown } }: Reading,
): NetworkDelta[] {
  // What a file says that cannot be read stays.
  if (unread.length + hostUnknown.length > 0) return [];
  const running = liveNetworkNames();
  return Object.entries(recorded).flatMap(([network, elements]) =>
    present.includes(network) || running.includes(network)
      ? []
      : [{ network, added: [], removed: ofPolicy(elements) }],
  );
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
  return [...problems, ...(await assertForNetworks())];
}

/** The head rules that networks need without any guest. */
async function assertForNetworks(): Promise<Finding[]> {
  if (!hasAdmittingNetworks()) return [];
  const state = readHostState();
  return assertHeadRules(await backendInUse(state), state.mark ?? defaultHostPolicy.mark);
}
