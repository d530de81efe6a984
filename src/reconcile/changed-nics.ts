import type { Guest, Nic } from '../model/guest.ts';
import type { InterfaceChange } from './request.ts';

/*
 * A guest's interfaces after one was attached, detached or updated. libvirt updates an interface (`virsh update-device`,
 * `virsh domif-setlink`) by creating a second network port for its MAC address and then deleting the first one, even if
 * nothing about the network changes (qemuDomainChangeNet() in src/qemu/qemu_hotplug.c). If the update fails, libvirt deletes
 * the second port. So the port, not the MAC address, identifies an interface.
 */

/**
 * The interfaces after a change. Pure.
 *
 * @param nics as the guest's record has them
 * @returns undefined if the change is known already, or concerns no interface of the guest
 */
export function nicsAfter(nics: Guest['nics'], change: InterfaceChange): Guest['nics'] | undefined {
  if (change.change === 'offline') return nics.filter(({ tap }) => tap !== change.tap);
  const { nic } = change.port;
  const at = nics.findIndex((known) => isSame(known, nic));
  if (change.change === 'attach') return at < 0 ? [...nics, updated(nics, nic)] : undefined;
  return at < 0 ? undefined : without(nics, at);
}

/** The interfaces that the guest has no longer; an updated interface on the same network stays. Pure. */
export function lostNics(before: Guest['nics'], after: Guest['nics']): Nic[] {
  return before.filter(
    ({ mac, network }) => !after.some((nic) => nic.mac === mac && nic.network === network),
  );
}

/** A record that an earlier version wrote, and Xen's guests, have no ports. */
function isSame(known: Nic, reported: Nic): boolean {
  if (known.portId !== undefined && reported.portId !== undefined) return known.portId === reported.portId;
  return known.mac === reported.mac && known.network === reported.network;
}

/** A network port has neither the tap nor the addresses in the domain XML: an update leaves them. */
function updated(nics: Guest['nics'], nic: Nic): Nic {
  const first = nics.find(({ mac }) => mac !== undefined && mac === nic.mac);
  if (first === undefined) return nic;
  const { tap, addresses, network } = first;
  return {
    ...nic,
    ...(tap !== undefined && { tap }),
    addresses: network === nic.network ? addresses : nic.addresses,
  };
}

/** Without one interface. If that was updated, its successor takes its place: the administrator may choose it by number. */
function without(nics: Guest['nics'], at: number): Guest['nics'] {
  const rest = nics.toSpliced(at, 1);
  const successor = rest.findIndex(({ mac }, index) => index >= at && mac === nics[at]?.mac);
  const nic = rest[successor];
  if (nic === undefined || nic.mac === undefined) return rest;
  return rest.toSpliced(successor, 1).toSpliced(at, 0, nic);
}
