import type { Address } from '../model/address.ts';
import { isOfPolicy, type NetworkElement } from '../model/network-element.ts';
import { readUplinks, withAddresses, writeUplinks } from '../state/uplinks.ts';
import { bestEffort } from '../system/best-effort.ts';
import { readHostFacts } from '../system/uplinks.ts';
import type { GuestChange, HostChange } from './change.ts';

/** Has events look at the host's uplinks from now on, if what changes here depends on them. Needs the lock. */
export function noteUplinksOf(
  changes: readonly GuestChange[],
  { networks }: Pick<HostChange, 'networks'>,
): void {
  const ofGuests = changes.flatMap(({ after }) => Object.keys(after.uplinks ?? {}));
  const ofNetworks = Object.values(networks).flatMap(addressesOf);
  const onBridges = Object.keys(networks).some(isBridgeKey);
  const atUplinks = changes.some(({ after }) => after.uplinkAddresses !== undefined);
  const interfaces = Object.entries(networks).flatMap(([name, elements]) =>
    elements.some((one) => isOfPolicy(one) && 'bridge' in one && one.bridge === name) ? [name] : [],
  );
  if (ofGuests.length + ofNetworks.length + interfaces.length > 0 || onBridges || atUplinks)
    noteUplinks([...ofGuests, ...ofNetworks]);
  noteInterfaces(interfaces);
}

/**
 * Has events look whether these interfaces, which the configuration names as networks, have come, gone or changed. Where they lead
 * is not known before the rules were adapted to it. Needs the lock.
 */
export function noteInterfaces(names: readonly string[]): void {
  if (names.length === 0) return;
  bestEffort('noting the networks of the host', () => {
    const before = readUplinks();
    const isNoted = (name: string) =>
      before?.interfaces !== undefined && Object.hasOwn(before.interfaces, name);
    if (before !== undefined && names.every(isNoted)) return;
    const unknown = Object.fromEntries(names.map((name) => [name, '']));
    const noted = withAddresses(before, [], readHostFacts());
    writeUplinks({ ...noted, interfaces: { ...unknown, ...noted.interfaces } });
  });
}

/**
 * The same for addresses that connections leave with; none: a plan only asked for the default route. Needs the lock.
 */
export function noteUplinks(addresses: readonly Address[]): void {
  bestEffort('noting the uplinks of the host', () => {
    const before = readUplinks();
    const isNoted = (address: Address) => before !== undefined && Object.hasOwn(before.holders, address);
    if (before === undefined || !addresses.every(isNoted))
      writeUplinks(withAddresses(before, addresses, readHostFacts()));
  });
}

/** Whether these are the elements of a bridge that belongs to no libvirt network: they depend on the host's addresses. */
export function isBridgeKey(network: string): boolean {
  return network.startsWith('bridge ');
}

function addressesOf(elements: readonly NetworkElement[]): Address[] {
  return elements.flatMap((element) => (element.kind === 'network-nat' ? [element.address] : []));
}
