import { type Family, familyOf, type Network } from '../model/address.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { NetworkService } from '../model/network-policy.ts';
import { disjointPorts } from './disjoint-ports.ts';

/**
 * The ports of the host that guests reach by a bridge, in the families in which they have addresses; in IPv4 while they have
 * none: DHCP gives them one. Pure.
 */
export function planServices(
  services: readonly NetworkService[],
  bridge: string,
  prefixes: readonly Network[],
): NetworkElement[] {
  const found = [...new Set(prefixes.map(familyOf))];
  const families: readonly Family[] = found.length > 0 ? found : ['ip'];
  return families.flatMap((family) => {
    const own = services.filter((one) => one.family === undefined || one.family === family);
    return disjointPorts(own).map(
      ({ protocol, ports }): NetworkElement => ({
        kind: 'service',
        bridge,
        protocol,
        ports,
        ...(family === 'ip6' && { family }),
      }),
    );
  });
}
