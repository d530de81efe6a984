import { type Address, type Family, familyOf } from '../model/address.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { anyAddress, type HostAddress, isEverywhere, loopbackAddress } from '../model/host-address.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import type { HostView } from './host-view.ts';
import { Overlaps } from './overlaps.ts';

/** A forward at one place of the host. */
export interface PlacedForward extends Omit<Forward, 'host'> {
  readonly host: HostAddress;
}

/** A forward without an address is one at each of the host's addresses (or its uplink's), or one for any of them. */
export function spread(forward: Forward, family: Family, host: HostView): PlacedForward[] {
  if (forward.host !== 'any' && familyOf(forward.host) !== family) return [];
  if (forward.uplink !== undefined) return placedAt(forward, host.addressesOn(forward.uplink), family);
  if (!isEverywhere(forward.host)) return [forward];
  if (host.addresses === 'any') return [{ ...forward, host: anyAddress(family) }];
  return placedAt(forward, host.addresses, family);
}

function placedAt(forward: Forward, addresses: readonly Address[], family: Family): PlacedForward[] {
  return addresses
    .filter((address) => familyOf(address) === family)
    .map((address) => ({ ...forward, host: address }));
}

/** Forwards that the host reaches at its 127.0.0.1 too. Not at ::1: the kernel drops packets that leave with that address. */
export function atLoopback(policy: GuestPolicy, family: Family): PlacedForward[] {
  if (family !== 'ip') return [];
  return (policy.forwards ?? [])
    .filter(({ host, loopback = policy.loopback }) => loopback === true && isOfIp(host))
    .map((forward) => ({ ...forward, host: loopbackAddress }));
}

function isOfIp(host: Forward['host']): boolean {
  return host === 'any' || familyOf(host) === 'ip';
}

/** The guest's own forwards must not contradict one another: the first one counts. */
export function withoutRepetition(forwards: readonly PlacedForward[], problems: Fault[]): PlacedForward[] {
  const overlaps = new Overlaps<PlacedForward>();
  return forwards.filter((forward) => {
    const other = overlaps.first(forward);
    if (other === undefined) overlaps.add(forward, forward);
    else if (other.text !== forward.text)
      problems.push(policyFault(`forward ${forward.text} repeats host ports of ${other.text}`));
    return other === undefined;
  });
}
