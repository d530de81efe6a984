import type { Element } from '../model/element.ts';
import type { Record } from '../system/records.ts';
import type { Desired } from './desired.ts';

/**
 * A guest's record as it is written once the kernel holds what it says.
 *
 * @param before what of it outlives every change: since when, and which ports and bridges were switched
 * @param elements what was granted, and `problems` why the rest was not
 */
export function recordOf(
  desired: Desired,
  before: Record | undefined,
  elements: readonly Element[],
  problems: readonly string[],
  now = new Date().toISOString(),
): Record {
  const { address, addressSource = '', addressMac, otherAddress, cardAddresses, byLease } = desired;
  return {
    guest: desired.guest,
    ...(address !== undefined && { address, addressSource }),
    ...(addressMac !== undefined && { addressMac }),
    ...(otherAddress !== undefined && { otherAddress }),
    ...(cardAddresses !== undefined && { cardAddresses }),
    ...(byLease !== undefined && { byLease }),
    elements,
    pending: false,
    problems: [...desired.problems, ...problems],
    hairpinPorts: before?.hairpinPorts ?? [],
    ...(before?.loopbackBridges && { loopbackBridges: before.loopbackBridges }),
    since: before?.since ?? now,
  };
}
