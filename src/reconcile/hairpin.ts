import type { Family } from '../model/address.ts';
import { familyOfElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { GuestRecord } from '../state/records.ts';
import { isHairpinOff, lacksHairpin, setHairpinMode, sysctl } from '../system/host.ts';

/**
 * While bridged frames pass iptables, the bridge itself returns a guest's connection to itself by the host's address.
 * Only a port in hairpin mode allows that. The record names the ports before they are switched, so that guestgate can
 * switch them back after a crash.
 *
 * @returns the records, each with the ports that its guest needs in hairpin mode
 */
export function withHairpinPorts(records: readonly GuestRecord[]): GuestRecord[] {
  const needed = familiesInBridge();
  return records.map((record) =>
    needed.length > 0 ? { ...record, hairpinPorts: portsOf(record, needed) } : record,
  );
}

/** Switches the ports that the record names. */
export function switchHairpin({ hairpinPorts }: Pick<GuestRecord, 'hairpinPorts'>, on: boolean): void {
  for (const port of hairpinPorts) setHairpinMode(port, on);
}

/** The ports that these records need in hairpin mode and that another program has switched off. */
export function portsWithoutHairpin(records: readonly GuestRecord[]): string[] {
  const needed = familiesInBridge();
  const ports = records
    .filter((record) => isTranslated(record, needed))
    .flatMap(({ guest, hairpinPorts }) => [...hairpinPorts, ...bridgePorts(guest)]);
  return [...new Set(ports)].filter(lacksHairpin);
}

/** The families whose bridged frames pass iptables. */
function familiesInBridge(): Family[] {
  return (['ip', 'ip6'] as const).filter(bridgedFramesMeetIptables);
}

function bridgedFramesMeetIptables(family: Family): boolean {
  return sysctl(`net.bridge.bridge-nf-call-${family}tables`) === '1';
}

function portsOf(record: GuestRecord, needed: readonly Family[]): readonly string[] {
  const { guest, hairpinPorts } = record;
  if (!isTranslated(record, needed)) return hairpinPorts;
  return [...new Set([...hairpinPorts, ...bridgePorts(guest).filter(isHairpinOff)])];
}

function isTranslated({ elements }: GuestRecord, needed: readonly Family[]): boolean {
  return elements.some(
    (element) =>
      (element.kind === 'forward' || element.kind === 'one-to-one') &&
      needed.includes(familyOfElement(element)),
  );
}

function bridgePorts({ nics }: Guest): string[] {
  return nics.flatMap(({ tap, bridge }) =>
    tap !== undefined && bridge !== undefined && isInterfaceName(tap) ? [tap] : [],
  );
}
