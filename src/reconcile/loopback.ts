import { familyOf } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { loopbackAddress } from '../model/host-address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { keepsLoopback, routeLoopback } from '../system/host.ts';

/**
 * A connection from the host's 127.0.0.1 leaves by a guest's bridge only if that bridge routes 127.0.0.0/8
 * (`route_localnet`, see ip-sysctl in the kernel's documentation). The record names the bridges before they are switched,
 * so that guestgate can switch them back, even after a crash, when the last guest that needs them ends.
 */
export function withLoopbackBridges(records: readonly GuestRecord[]): GuestRecord[] {
  return records.map((record) => {
    if (!record.elements.some(isAtLoopback)) return record;
    const { loopbackBridges = [] } = record;
    const switched = bridgesOf(record).filter(
      (bridge) => keepsLoopback(bridge) || isHeld(bridge, others(record)),
    );
    const all = new Set([...loopbackBridges, ...switched]);
    return all.size === 0 ? record : { ...record, loopbackBridges: [...all] };
  });
}

/**
 * Switches the bridges that the record names on, or off if no other guest needs them.
 *
 * @param holders the other guests' records
 */
export function switchLoopback(record: GuestRecord, on: boolean, holders?: readonly GuestRecord[]): void {
  const { loopbackBridges = [] } = record;
  if (loopbackBridges.length === 0) return;
  const remaining = on ? [] : (holders ?? others(record));
  for (const bridge of loopbackBridges) if (!isHeld(bridge, remaining)) routeLoopback(bridge, on);
}

/** Switches a bridge on again after libvirt has recreated it without the setting. */
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
  const name = recordName(guest);
  return readRecords().filter((record) => recordName(record.guest) !== name);
}

/** The bridge of the interface with the IPv4 address; all bridges of the guest if that interface is unknown. */
function bridgesOf({ guest, address, addressMac, otherAddress }: GuestRecord): string[] {
  const mac = address !== undefined && familyOf(address) === 'ip' ? addressMac : otherAddress?.mac;
  const withAddress = guest.nics.filter((nic) => nic.mac !== undefined && nic.mac === mac);
  return (withAddress.length > 0 ? withAddress : guest.nics).flatMap(({ bridge }) =>
    bridge !== undefined && isInterfaceName(bridge) ? [bridge] : [],
  );
}
