import type { Guest } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { setHairpinMode, sysctl } from '../system/host.ts';
import type { Record } from '../system/records.ts';

/**
 * While bridged frames pass iptables, a connection of a guest to itself by the host's address is turned round
 * inside the bridge, which only a port in hairpin mode lets happen.
 *
 * @returns the ports in hairpin mode because of this guest, for its record
 */
export function switchHairpin(record: Record): readonly string[] {
  return bridgedFramesMeetIptables() ? switchPorts(record) : record.hairpinPorts;
}

/** The same for many, which then say so. */
export function switchHairpins(records: readonly Record[]): Record[] {
  const needed = bridgedFramesMeetIptables();
  return records.map((record) => (needed ? { ...record, hairpinPorts: switchPorts(record) } : record));
}

function bridgedFramesMeetIptables(): boolean {
  return sysctl('net.bridge.bridge-nf-call-iptables') === '1';
}

function switchPorts({ guest, elements, hairpinPorts }: Record): readonly string[] {
  const translated = elements.some(({ kind }) => kind === 'forward' || kind === 'one-to-one');
  if (!translated) return hairpinPorts;
  const switched = bridgePorts(guest).filter((port) => setHairpinMode(port, true));
  return [...new Set([...hairpinPorts, ...switched])];
}

function bridgePorts({ nics }: Guest): string[] {
  return nics.flatMap(({ tap, bridge }) =>
    tap !== undefined && bridge !== undefined && isInterfaceName(tap) ? [tap] : [],
  );
}
