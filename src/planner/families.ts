import { type Family, familyOf } from '../model/address.ts';
import type { GuestPolicy } from '../model/policy.ts';

/** In which families a policy needs the guest's address. */
export interface FamiliesWanted {
  /** Those that it names an address of the host in. */
  readonly named: readonly Family[];
  /** Whether some of it holds in whichever family the guest has an address. */
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
