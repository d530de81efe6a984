import { metadataNamespace } from '../model/policy.ts';
import { readPolicyCache } from '../state/policy-cache.ts';

/**
 * Whether nobody says anything of a guest, as far as can be told without parsing: most guests of most hosts, and
 * libvirt waits three times for each of them. Where it cannot be told, or the guest has a record, all is looked at.
 *
 * @param xml the domain XML: libvirt writes the guest's UUID before anything that others could have put there
 */
export function isUnmanaged(name: string, xml: string): boolean {
  if (xml.includes(metadataNamespace)) return false;
  const uuid = /<uuid>([\da-f-]{36})<\/uuid>/.exec(xml.slice(0, 1000))?.[1];
  const policies = uuid === undefined ? undefined : readPolicyCache();
  if (policies === undefined || uuid === undefined) return false;
  return [name, uuid, uuid.toUpperCase()].every((one) => policies.guest(one) === undefined);
}
