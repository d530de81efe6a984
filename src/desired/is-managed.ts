import { metadataNamespace } from '../model/policy.ts';
import { readPolicyCache } from '../state/policy-cache.ts';

/**
 * Whether neither the files nor the XML have a policy for a guest, as far as is known without parsing them. Most guests of
 * most hosts have none, and libvirt waits for three hooks of each. False: it is not known, or there is a policy.
 *
 * @param xml the domain XML: libvirt writes the guest's UUID before any text that other programs can set
 */
export function isUnmanaged(name: string, xml: string): boolean {
  if (xml.includes(metadataNamespace)) return false;
  const uuid = /<uuid>([\da-f-]{36})<\/uuid>/.exec(xml.slice(0, 1000))?.[1];
  const policies = uuid === undefined ? undefined : readPolicyCache();
  if (policies === undefined || uuid === undefined) return false;
  return [name, uuid, uuid.toUpperCase()].every((one) => policies.guest(one) === undefined);
}
