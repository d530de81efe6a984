import type { LibvirtNetwork } from '../libvirt/network.ts';
import { mergeNetworks } from '../model/address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { NetworkPolicyFound } from '../model/network-policy.ts';
import { asksForRules } from '../planner/plan-network.ts';
import { interfaceNetworks } from '../system/interface-networks.ts';

/**
 * The names of `[network.NAME]` tables that may mean an interface of the host: a bridge, a tap, a veth. A table with mistakes is
 * one of them: what it has stays.
 */
export function plainNames(configured: ReadonlyMap<string, NetworkPolicyFound>): string[] {
  return [...configured].flatMap(([name, { policy, problems }]) =>
    isInterfaceName(name) && (problems.length > 0 || asksForRules(policy)) ? [name] : [],
  );
}

/**
 * The interfaces that exist and are named as networks by the configuration, in the place of networks that libvirt does not run. A
 * network of libvirt with the same name comes first.
 *
 * @param isLibvirts whether libvirt runs a network of that name
 */
export function plainNetworks(
  configured: ReadonlyMap<string, NetworkPolicyFound>,
  isLibvirts: (name: string) => boolean,
): LibvirtNetwork[] {
  return plainNames(configured).flatMap((name) => {
    const networks = isLibvirts(name) ? undefined : interfaceNetworks(name);
    if (networks === undefined) return [];
    return [{ name, bridge: name, plain: mergeNetworks(networks), gateways: [], reservations: [] }];
  });
}
