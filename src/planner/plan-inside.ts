import type { Family } from '../model/address.ts';
import type { Element, InsideElement, RoamingElement } from '../model/element.ts';
import type { Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';

/**
 * The interfaces of the host that lead to a guest alone: a routed guest is on no bridge, and its packets come by its own port
 * (libvirt's `type='ethernet'`, Xen's vif-route and vif-nat). Pure.
 *
 * @param families those in which the guest has elements
 */
export function planInside(nics: readonly Nic[], families: readonly Family[]): InsideElement[] {
  const ports = nics.flatMap(({ tap, bridge, network, vif }) =>
    // A port of Open vSwitch passes its frames to the switch: no packet of the host's comes by it.
    tap === undefined || bridge !== undefined || network !== undefined || vif?.way === 'switched'
      ? []
      : [tap],
  );
  return [...new Set(ports)].filter(isInterfaceName).flatMap((name) =>
    families.map((family) => ({
      kind: 'inside' as const,
      interface: name,
      ...(family === 'ip6' && { family }),
    })),
  );
}

/**
 * The addresses of a guest with several interfaces at which connections are answered. Guests answer by the interface of their default
 * route, whichever has the address. Where the guest has one interface, the answers of others are spoofed. Pure.
 */
export function planRoaming(nics: readonly Nic[], elements: readonly Element[]): RoamingElement[] {
  if (nics.length < 2) return [];
  const guests = new Set(elements.flatMap((element) => ('guest' in element ? [element.guest] : [])));
  return [...guests].map((guest) => ({ kind: 'roaming', guest }));
}
