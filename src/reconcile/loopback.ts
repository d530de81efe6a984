import { familyOf } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { loopbackAddress } from '../model/host-address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { keepsLoopback, routeLoopback } from '../system/host.ts';

/**
 * A connection from the host's 127.0.0.1 leaves by a guest's bridge only if that routes 127.0.0.0/8
 * (`route_localnet`, ip-sysctl). Which bridges were switched stands in the record before they are: so they are
 * switched back whatever happens, when the last guest that needs it closes.
 */
export function withLoopbackBridges(records: readonly GuestRecord[]): GuestRecord[] {
  return records.map((record) => {
    if (!record.elements.some(isAtLoopback)) return record;
    const { loopbackBridges = [] } = record;
    const switched = bridgesOf(record).filter((one) => keepsLoopback(one) || isHeld(one, others(record)));
    const all = new Set([...loopbackBridges, ...switched]);
    return all.size === 0 ? record : { ...record, loopbackBridges: [...all] };
  });
}

/**
 * Switches the bridges that the record names; back only those that nobody else needs.
 *
 * @param holders the other guests' records
 */
export function switchLoopback(record: GuestRecord, on: boolean, holders?: readonly GuestRecord[]): void {
  const { loopbackBridges = [] } = record;
  if (loopbackBridges.length === 0) return;
  const remaining = on ? [] : (holders ?? others(record));
  for (const bridge of loopbackBridges) if (!isHeld(bridge, remaining)) routeLoopback(bridge, on);
}

/** A bridge that was made anew has forgotten it. */
export function restoreLoopback(bridge: string | undefined): void {
  if (bridge !== undefined && isHeld(bridge, readRecords())) routeLoopback(bridge, true);
}

export function isAtLoopback(element: Element): boolean {
  return element.kind === 'forward' && element.host === loopbackAddress;
}

function isHeld(bridge: string, records: readonly GuestRecord[]): boolean {
  return records.some(({ loopbackBridges = [] }) => loopbackBridges.includes(bridge));
}

function others({ guest }: GuestRecord): GuestRecord[] {
  const own = recordName(guest);
  return readRecords().filter((one) => recordName(one.guest) !== own);
}

/** The bridge of the interface that has the IPv4 address; all of the guest's where that is not known. */
function bridgesOf({ guest, address, addressMac, otherAddress }: GuestRecord): string[] {
  const mac = address !== undefined && familyOf(address) === 'ip' ? addressMac : otherAddress?.mac;
  const own = guest.nics.filter((nic) => nic.mac !== undefined && nic.mac === mac);
  return (own.length > 0 ? own : guest.nics).flatMap(({ bridge }) =>
    bridge !== undefined && isInterfaceName(bridge) ? [bridge] : [],
  );
}
