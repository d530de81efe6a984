import { familyName, familyOf, mergeNetworks, type Network } from '../model/address.ts';
import type { NetworkElement } from '../model/element.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { NetworkPolicy } from '../model/policy.ts';
import { outgoingInterfaces, type PublicSide } from './outgoing-interfaces.ts';

/** A policy of a libvirt network as elements, and the parts of it that cannot be done. */
export interface NetworkPlan {
  readonly elements: readonly NetworkElement[];
  readonly problems: readonly Fault[];
}

/**
 * The addresses that connections of a network's guests leave with: an element for each prefix and interface of the public side.
 *
 * @param prefixes the networks that its guests have addresses in
 */
export function planNetwork(
  policy: NetworkPolicy,
  prefixes: readonly Network[],
  host: PublicSide,
): NetworkPlan {
  const problems: Fault[] = [];
  const elements = (policy.snat ?? []).flatMap((address) => {
    const own = mergeNetworks(prefixes.filter((prefix) => familyOf(prefix) === familyOf(address)));
    if (own.length === 0)
      problems.push(
        policyFault(
          `snat ${address} applies to no guest: the network has no ${familyName(familyOf(address))}`,
        ),
      );
    const interfaces = own.length === 0 ? [] : outgoingInterfaces(address, host, problems);
    return own.flatMap((network) =>
      interfaces.map((name) => ({ kind: 'network-nat' as const, network, interface: name, address })),
    );
  });
  return { elements, problems };
}
