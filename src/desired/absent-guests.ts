import { type Address, type Family, familyOf } from '../model/address.ts';
import { type AbsentPlan, type OwnSide, planAbsent } from '../planner/plan-absent.ts';
import { absence, recordedAbsence } from '../state/absence.ts';
import type { HostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import { sourceAddress } from '../system/source-address.ts';
import { type HeldAddress, type HostFacts, holdersOf } from '../system/uplinks.ts';
import type { LoadedConfiguration } from './configuration.ts';

/**
 * What is dropped while guests do not run, from the files alone. What a file with a mistake may say stays as it is.
 *
 * @returns undefined if it is not known: the files of other guests were not looked at
 */
export function absentGuests(
  configuration: LoadedConfiguration,
  state: HostState,
  facts: () => HostFacts,
): AbsentPlan | undefined {
  const { absent, guests, unread, hostUnknown, host } = configuration;
  if (absent === undefined) return undefined;
  const isUnknown = (guest: string) => {
    const found = guests.get(guest);
    return found === undefined ? unread.length > 0 : found.problems.length > 0;
  };
  const recorded = recordedAbsence(state);
  if (hostUnknown.length > 0) return { elements: recorded, remarks: [], followsHost: false };
  // Read before the address that the host leaves with: what changes in between is noticed as a change of the facts.
  if (absent.some(({ explicit }) => !explicit)) facts();
  const planned = planAbsent(absent, {
    ...ownSide(host.interfaces, facts),
    dropped: recorded.map(({ address }) => address),
  });
  const known = new Set(planned.elements.flatMap((one) => ('address' in one ? [one.address] : [])));
  const retained = recorded.filter((one) => isUnknown(one.guest) && !known.has(one.address));
  return { ...planned, elements: [...planned.elements, ...retained] };
}

/** The same as networks of the host's state; none where it is not known. */
export function absentNetworks(reading: {
  readonly absent: () => AbsentPlan | undefined;
}): HostState['networks'] {
  const plan = reading.absent();
  return plan === undefined ? {} : { [absence]: plan.elements };
}

function ownSide(
  interfaces: readonly string[] | undefined,
  facts: () => HostFacts,
): Omit<OwnSide, 'dropped'> {
  const sources = new Map<Family, Address | undefined>();
  return {
    families: hostFamilies(),
    sourceOf: (family) => {
      if (!sources.has(family)) sources.set(family, sourceAddress(family));
      return sources.get(family);
    },
    besides: (address) => {
      const { addresses } = facts();
      const holders = holdersOf(address, addresses);
      const isBeside = (one: HeldAddress) =>
        holders.includes(one.interface) &&
        one.address !== address &&
        familyOf(one.address) === familyOf(address);
      return addresses.filter(isBeside).map((one) => one.address);
    },
    addressesOutside: (family: Family) => {
      const { addresses, defaultRoutes } = facts();
      const names = interfaces ?? [defaultRoutes[family]];
      return names.map((name) =>
        addresses
          .filter((one) => one.interface === name && familyOf(one.address) === family)
          .map(({ address }) => address),
      );
    },
  };
}
