import { type Address, type Family, familyOf } from '../model/address.ts';
import type { Lease } from './leases.ts';

/** What is known of a guest's run: it tells the leases that the guest uses now from those of an earlier run. */
export interface GuestRun {
  /** Seconds since 1970; leases that ended before are not used. */
  readonly now: number;
  /** Whether the lease is just as it was before the guest started: dnsmasq has not written it for this run. */
  readonly isEarlier: (lease: Lease) => boolean;
  /** Whether the lease's client had one for the interface before the guest started. */
  readonly isKnownClient?: (lease: Lease) => boolean;
  /** The guest's addresses, as its record has them. Asked only where leases leave a choice. */
  readonly openAddresses: () => readonly Address[];
}

/** The leases of one interface in one family, the most likely one first. */
export interface InterfaceLeases {
  /** Written since the guest started, or held against another client. */
  readonly inUse: readonly Lease[];
  /** Left over from an earlier run: dnsmasq may give the same address again, but need not. */
  readonly earlier: readonly Lease[];
  /** How many have ended. */
  readonly expired: number;
}

/**
 * Sorts an interface's leases. Of several that are in use, the one whose address the guest has already is first, then the
 * newest. As long as that lease is valid, one of another client does not replace it, even if it is of an earlier run. A lease that never ends looks the same after dnsmasq gave it again: it is in use if the guest has its address.
 */
export function leasesOf(
  mac: string | undefined,
  family: Family,
  leases: readonly Lease[],
  { now, isEarlier, isKnownClient = () => false, openAddresses }: GuestRun,
): InterfaceLeases {
  const own = leases.filter((lease) => lease.mac === mac && familyOf(lease.address) === family);
  const valid = newestFirst(own.filter((lease) => end(lease) > now));
  const isOpen = (lease: Lease) => openAddresses().includes(lease.address);
  const inUse = valid.filter((lease) => !isEarlier(lease) || (lease.expires === undefined && isOpen(lease)));
  const earlier = valid.filter((lease) => !inUse.includes(lease));
  const known = inUse.find(isKnownClient);
  const held =
    inUse.find(isOpen) ?? known ?? earlier.find((lease) => isContested(lease, inUse) && isOpen(lease));
  return {
    inUse: held === undefined ? inUse : [held, ...inUse.filter((lease) => lease !== held)],
    earlier: earlier.filter((lease) => lease !== held),
    expired: own.length - valid.length,
  };
}

/**
 * Whether another client has asked with the interface's MAC address. Only clients that are new in this run contest a lease: of
 * several that asked before, the one that asks again is the guest, as far as the host can tell. The MAC address in a DHCP request is whatever the
 * sender writes there, so it may be another guest. dnsmasq gives a client a second lease only if its identifier differs:
 * a guest that asks again replaces its own.
 */
function isContested(lease: Lease, inUse: readonly Lease[]): boolean {
  return inUse.some((other) => other.client !== lease.client);
}

/** The lease that ends last is the newest; of those that end together, the one that the file has last. */
function newestFirst(leases: readonly Lease[]): Lease[] {
  return [...leases].reverse().sort((a, b) => (end(a) === end(b) ? 0 : end(b) - end(a)));
}

function end({ expires }: Lease): number {
  return expires ?? Infinity;
}
