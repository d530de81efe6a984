import { type Family, familyOf } from '../model/address.ts';
import type { GuestPolicy } from '../model/policy.ts';

/** In which families a policy needs the guest's address. */
export interface FamiliesWanted {
  /** The families of the host addresses that the policy names. */
  readonly named: readonly Family[];
  /** Whether part of the policy applies in every family in which the guest has an address. */
  readonly whichever: boolean;
}

export function familiesWanted({ forwards = [], open = [], ...policy }: GuestPolicy): FamiliesWanted {
  const hosts = forwards.flatMap(({ host }) => (host === 'any' ? [] : [host]));
  const named = [...hosts, ...(policy.publicAddresses ?? []), ...(policy.snat ?? [])].map(familyOf);
  return {
    named: [...new Set(named)],
    whichever: open.length > 0 || forwards.some(({ host }) => host === 'any'),
  };
}

/** Whether the policy asks for anything that needs the guest's address. */
export function needsAddress(policy: GuestPolicy): boolean {
  const { named, whichever } = familiesWanted(policy);
  return whichever || named.length > 0;
}
