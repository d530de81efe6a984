import type { Family } from '../model/address.ts';
import { familyOfElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { Record } from '../state/records.ts';
import { isHairpinOff, setHairpinMode, sysctl } from '../system/host.ts';

/**
 * While bridged frames pass iptables, a connection of a guest to itself by the host's address is turned round
 * inside the bridge, which only a port in hairpin mode lets happen. Which ports that will be stands in the record
 * before they are switched: so they are switched back whatever happens.
 *
 * @returns the records, each with the ports that are in hairpin mode because of its guest, or will be
 */
export function withHairpinPorts(records: readonly Record[]): Record[] {
  const needed = (['ip', 'ip6'] as const).filter(bridgedFramesMeetIptables);
  return records.map((record) =>
    needed.length > 0 ? { ...record, hairpinPorts: portsOf(record, needed) } : record,
  );
}

/** Switches the ports that the record names. */
export function switchHairpin({ hairpinPorts }: Pick<Record, 'hairpinPorts'>, on: boolean): void {
  for (const port of hairpinPorts) setHairpinMode(port, on);
}

function bridgedFramesMeetIptables(family: Family): boolean {
  return sysctl(`net.bridge.bridge-nf-call-${family}tables`) === '1';
}

function portsOf({ guest, elements, hairpinPorts }: Record, needed: readonly Family[]): readonly string[] {
  const translated = elements.some(
    (element) =>
      (element.kind === 'forward' || element.kind === 'one-to-one') &&
      needed.includes(familyOfElement(element)),
  );
  if (!translated) return hairpinPorts;
  return [...new Set([...hairpinPorts, ...bridgePorts(guest).filter(isHairpinOff)])];
}

function bridgePorts({ nics }: Guest): string[] {
  return nics.flatMap(({ tap, bridge }) =>
    tap !== undefined && bridge !== undefined && isInterfaceName(tap) ? [tap] : [],
  );
}
