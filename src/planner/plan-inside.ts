import type { Family } from '../model/address.ts';
import type { InsideElement } from '../model/element.ts';
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
