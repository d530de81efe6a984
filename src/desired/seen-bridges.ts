import type { Guest, Nic } from '../model/guest.ts';
import { bridgeOf } from '../system/host.ts';

/**
 * The guest with the bridges that its ports are on: a script may have put a port on one that the description does not name
 * (libvirt's `type='ethernet'`, Xen's default bridge).
 */
export function withSeenBridges(guest: Guest): Guest {
  return guest.nics.some(isUnplaced) ? { ...guest, nics: guest.nics.map(withSeenBridge) } : guest;
}

function isUnplaced({ tap, bridge, network, vif }: Nic): boolean {
  return tap !== undefined && bridge === undefined && network === undefined && vif?.way !== 'switched';
}

function withSeenBridge(nic: Nic): Nic {
  const bridge = isUnplaced(nic) && nic.tap !== undefined ? bridgeOf(nic.tap) : undefined;
  return bridge === undefined ? nic : { ...nic, bridge };
}
