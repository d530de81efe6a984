import { type Address, type Family, familyOf } from '../model/address.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { checksSources } from './plan-access.ts';

/** In which families a policy needs the guest's address. */
export interface FamiliesWanted {
  /** The families of the host addresses that the policy names. */
  readonly named: readonly Family[];
  /** Whether part of the policy applies in every family in which the guest has an address. */
  readonly whichever: boolean;
}

export function familiesWanted({
  forwards: all = [],
  open: ports = [],
  ...policy
}: GuestPolicy): FamiliesWanted {
  // What names its address needs no other.
  const forwards = all.filter(({ toAddress }) => toAddress === undefined);
  const open = ports.filter(({ address }) => address === undefined);
  const hosts = forwards.flatMap(({ host }) => (host === 'any' ? [] : [host]));
  const named = [...hosts, ...(policy.publicAddresses ?? []), ...(policy.snat ?? [])].map(familyOf);
  return {
    named: [...new Set(named)],
    whichever:
      open.length > 0 ||
      forwards.some(({ host }) => host === 'any') ||
      (policy.denyFrom ?? []).length > 0 ||
      checksSources(policy),
  };
}

/** Whether the policy asks for anything that needs the guest's address. */
export function needsAddress(policy: GuestPolicy): boolean {
  const { named, whichever } = familiesWanted(policy);
  return whichever || named.length > 0 || namedAddresses(policy).length > 0;
}

/** The guest's addresses that its forwards and open ports name. */
export function namedAddresses({ forwards = [], open = [] }: GuestPolicy): Address[] {
  const named = [...forwards.map(({ toAddress }) => toAddress), ...open.map(({ address }) => address)];
  return [...new Set(named.filter((address) => address !== undefined))];
}
