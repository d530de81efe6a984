import type { Network } from '../model/address.ts';
import type { Forward, GuestPolicy, OpenPort } from '../model/policy.ts';

/**
 * As many ranges of ports in one set take nf_tables about a second, and the time grows with their square. All other changes
 * of rules on the host wait for it, and a program that waits there cannot be killed: so no setting raises this.
 */
export const mostRanges = 8192;

/**
 * As how many ranges of ports in one set a policy weighs in the kernel. Where a set has ranges, single ports are ranges, too: those
 * with sources, with limits, and with `masquerade`. Sources weigh for each network by the ports that it may use.
 */
export function weightOf(policy: GuestPolicy): number {
  const { forwards = [], open = [] } = policy;
  const ranges = forwards.filter(({ ports, to }) => ports.first !== ports.last && ports.first === to);
  const masqueraded = forwards.filter(({ masquerade = policy.masquerade }) => masquerade === true);
  const sets = [
    ranges.length,
    masqueraded.length,
    open.filter(({ ports }) => ports.first !== ports.last).length,
    ...[forwards, open].flatMap((places) => setsOf(places, policy.allowFrom)),
  ];
  return Math.ceil(together(sets));
}

/** As many ranges in one set as take as long as these in several. */
function together(counts: Iterable<number>): number {
  let squares = 0;
  for (const count of counts) squares += count * count;
  return Math.sqrt(squares);
}

/** How many ports are in the sets that restrict forwards, or open ports. */
function setsOf(
  places: readonly (Forward | OpenPort)[],
  allowFrom: readonly Network[] | undefined,
): number[] {
  const lists = new Map<readonly Network[], number>();
  for (const { from = allowFrom } of places)
    if (from !== undefined) lists.set(from, (lists.get(from) ?? 0) + 1);
  const byNetwork = new Map<Network, number>();
  for (const [networks, count] of lists)
    for (const network of networks) byNetwork.set(network, (byNetwork.get(network) ?? 0) + count);
  return [
    [...lists.values()].reduce((sum, count) => sum + count, 0),
    places.filter(({ rate }) => rate !== undefined).length,
    places.filter(({ connections }) => connections !== undefined).length,
    together(byNetwork.values()),
  ];
}
