import type { Reading } from '../desired/host-reading.ts';
import { networkElements } from '../desired/network-elements.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import type { BackendName } from '../model/backend-name.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element, NetworkElement } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { type HostState, nameInUse, readHostState } from '../state/host-state.ts';
import type { PlanReading } from './plan-reading.ts';
import { transact } from './transaction.ts';

/** The host's settings in the configuration; undefined: unchanged. */
export interface WantedOfHost {
  readonly mark?: number;
  readonly backend?: BackendName | undefined;
}

export function wantedOfHost({ configuration: { hostUnknown, host }, backend }: PlanReading): WantedOfHost {
  return { backend, ...(hostUnknown.length === 0 && { mark: host.mark }) };
}

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
 * Gives networks what they should have now: one that has stopped gets nothing. Needs the lock.
 *
 * @returns the problems
 */
export async function changeNetworks(
  networks: readonly Pick<NetworkDelta, 'network'>[],
  wanted: WantedOfHost,
  reading: Reading,
): Promise<Finding[]> {
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
}

/**
 * Changes the rules of a network. Needs the lock.
 *
 * @param wanted the elements that the network should have
 * @param host its `mark`, the bit of `ct mark`, is used only if no chains exist yet
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
