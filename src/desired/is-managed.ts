import { type GuestId, uuidIn } from '../model/guest.ts';
import { guestKeys } from '../model/guest-keys.ts';
import { metadataNamespace } from '../model/policy.ts';
import type { CachedPolicies } from '../state/policy-cache.ts';

/**
 * Whether neither the files nor the XML have a policy for a guest, as far as is known without parsing them. Most guests of
 * most hosts have none, and libvirt waits for three hooks of each. False: it is not known, or there is a policy.
 *
 * @param policies the cached policies; undefined: not known
 * @param xml the domain XML
 */
export function isUnmanaged(
  policies: CachedPolicies | undefined,
  { driver, name }: GuestId,
  xml: string,
): boolean {
  if (xml.includes(metadataNamespace)) return false;
  const uuid = uuidIn(xml);
  if (policies === undefined || uuid === undefined) return false;
  // The network of any interface may confine the guest.
  const confines = [...policies.networks.values()].some(
    ({ policy }) => policy.access !== undefined || policy.isolated !== undefined,
  );
  if (confines) return false;
  return guestKeys({ driver, name, uuid }).every((one) => policies.guest(one) === undefined);
}
