import { type Address, familyOf } from '../model/address.ts';
import { sharedPorts } from '../model/element.ts';
import { distinct } from '../model/finding.ts';
import { readHostState } from '../state/host-state.ts';
import type { GuestRecord } from '../state/records.ts';
import { type Listener, listeners } from '../system/listeners.ts';
import type { Check, HostFinding } from './check.ts';

/**
 * Programs of the host that listen at an address that guests leave with, within the ports that they leave by: a guest's
 * connection can have such a port towards a peer, and that peer does not reach the program then (CVE-2021-3773).
 *
 * @param shared the addresses that guests leave with and others use, too
 */
export function judgeSharedListeners(shared: readonly Address[], all: readonly Listener[]): HostFinding[] {
  const { first, last } = sharedPorts;
  const findings = shared.flatMap((leaving) =>
    all
      .filter(({ port, process }) => process !== undefined && port >= first && port <= last)
      .filter(({ address }) => answersAt(address, leaving))
      .map(({ address, port, protocol, process = '' }): HostFinding => {
        const socket = `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
        return {
          severity: 'later',
          subject: process,
          problem: `it listens at ${socket}, within the ports ${first}-${last}, by which guests leave with ${leaving}: a guest's connection can keep its peer from that service`,
          fix: `ss -ln${protocol === 'tcp' ? 't' : 'u'}p 'sport = :${port}'`,
        };
      }),
  );
  return distinct(findings);
}

/** A socket at `::` takes IPv4, too, unless its program set IPV6_V6ONLY. */
function answersAt(socket: Address, address: Address): boolean {
  if (socket === '::') return true;
  return socket === address || (socket === '0.0.0.0' && familyOf(address) === 'ip');
}

export const sharedListeners: Check = ({ records }) => {
  const shared = [...new Set([...sharedByGuests(records), ...sharedByNetworks()])];
  return shared.length === 0 ? [] : judgeSharedListeners(shared, listeners());
};

function sharedByGuests(records: readonly GuestRecord[]): Address[] {
  return records.flatMap(({ elements }) =>
    elements.flatMap((element) =>
      element.kind === 'source-nat' && element.shared === true ? [element.address] : [],
    ),
  );
}

function sharedByNetworks(): Address[] {
  return Object.values(readHostState().networks).flatMap((elements) =>
    elements.flatMap((element) => (element.kind === 'network-nat' ? [element.address] : [])),
  );
}
