import { type Address, familyName, familyOf, mergeNetworks, type Network } from '../model/address.ts';
import type { NetworkElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { NetworkPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import type { PublicSide } from './plan-source-nat.ts';

/** What a policy wants of a libvirt network, as elements, and what of it cannot be done. */
export interface NetworkPlan {
  readonly elements: readonly NetworkElement[];
  readonly problems: readonly string[];
}

/**
 * What connections of a network's guests leave with: an element for each prefix and interface of the public side.
 *
 * @param prefixes the networks that its guests have addresses of
 */
export function planNetwork(
  policy: NetworkPolicy,
  prefixes: readonly Network[],
  host: PublicSide,
): NetworkPlan {
  const problems: string[] = [];
  const elements = (policy.snat ?? []).flatMap((address) => {
    const own = mergeNetworks(prefixes.filter((prefix) => familyOf(prefix) === familyOf(address)));
    if (own.length === 0)
      problems.push(`the network has no ${familyName(familyOf(address))} to leave as ${address}`);
    const interfaces = own.length === 0 ? [] : interfacesOf(address, host, problems);
    return own.flatMap((network) =>
      interfaces.map((name) => ({ kind: 'network-nat' as const, network, interface: name, address })),
    );
  });
  return { elements, problems };
}

function interfacesOf(address: Address, host: PublicSide, problems: string[]): string[] {
  const interfaces = host.interfacesOf(address);
  if (interfaces.length === 0)
    problems.push(
      `${address} is on no interface and there is no default route, so no guest can leave with it: set interface in [host]`,
    );
  return interfaces.filter((name) => {
    if (isInterfaceName(name)) return true;
    problems.push(
      `${quoted(name)} is an interface name that no rule can hold: rename it, or set interface in [host]`,
    );
    return false;
  });
}
