import { mergeNetworks } from '../model/address.ts';
import type { EgressPorts, ProtocolPorts } from '../model/confinement.ts';
import { type Protocol, protocols } from '../model/port.ts';

/*
 * nft refuses an entry that overlaps another one of its set, so lists that may overlap are cut where a range begins or ends.
 */

/** The same ports of the same networks, with no port of a network in two entries. Pure. */
export function disjointEgress(entries: readonly EgressPorts[]): EgressPorts[] {
  return protocols.flatMap((protocol) =>
    piecesOf(entries, protocol).flatMap(({ ports, covering }) =>
      mergeNetworks(covering.map(({ to }) => to)).map((to) => ({ to, protocol, ports })),
    ),
  );
}

/** The same ports, with no port in two entries. Pure. */
export function disjointPorts(entries: readonly ProtocolPorts[]): ProtocolPorts[] {
  return protocols.flatMap((protocol) =>
    piecesOf(entries, protocol).map(({ ports }) => ({ protocol, ports })),
  );
}

/** The ranges between all beginnings and ends, each with the entries that contain it. */
function piecesOf<One extends ProtocolPorts>(all: readonly One[], protocol: Protocol) {
  const entries = all.filter((one) => one.protocol === protocol);
  const starts = entries.flatMap(({ ports }) => [ports.first, ports.last + 1]);
  const edges = [...new Set(starts)].sort((a, b) => a - b);
  return edges.slice(0, -1).flatMap((first, index) => {
    const last = (edges[index + 1] ?? first + 1) - 1;
    const covering = entries.filter(({ ports }) => ports.first <= first && last <= ports.last);
    return covering.length === 0 ? [] : [{ ports: { first, last }, covering }];
  });
}
