import { type Address, type Family, familyOf } from '../model/address.ts';
import { type Finding, findingsOf } from '../model/finding.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { AbsentPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';

/** The facts of the host that decide whether an address is the host's own. */
export interface OwnSide {
  /** The families that the kernel has. */
  readonly families: readonly Family[];
  /** The address that the host itself leaves with; undefined without a default route. */
  readonly sourceOf: (family: Family) => Address | undefined;
  /** The addresses that packets are dropped for now. */
  readonly dropped: readonly Address[];
  /** The addresses of the public interfaces, by interface. */
  readonly addressesOutside: (family: Family) => readonly (readonly Address[])[];
  /** The other addresses, of the same family, on the interfaces that hold an address. */
  readonly besides: (address: Address) => readonly Address[];
}

export interface AbsentPlan {
  readonly elements: readonly NetworkElement[];
  /** The addresses of the host's own: those that are left to it, and those that are taken from it. */
  readonly remarks: readonly Finding[];
  /** Whether other addresses or default routes of the host may change the elements. */
  readonly followsHost: boolean;
}

/**
 * What is dropped while guests do not run. An administrator must not be locked out by a default: an address of the host's
 * own is dropped only if the policy says so. Of guests that share an address, the first counts. Pure.
 *
 * Without a default route, as early at boot, the kernel cannot tell which address is the host's own. An address is dropped
 * then as soon as its interface holds another one that no guest uses: administrators reach the host there.
 */
export function planAbsent(policies: readonly AbsentPolicy[], host: OwnSide): AbsentPlan {
  const dropped = new Map<Address, NetworkElement>();
  const remarks: Finding[] = [];
  const ofGuests = new Set(policies.flatMap(({ addresses }) => addresses));
  for (const { guest, addresses, explicit } of policies) {
    for (const address of addresses.filter((one) => host.families.includes(familyOf(one)))) {
      const why = whyOwn(address, host, ofGuests);
      if (why !== undefined) remarks.push(...remark(guest, address, why, explicit));
      if ((why === undefined || explicit) && !dropped.has(address))
        dropped.set(address, { kind: 'absent', address, guest });
    }
  }
  return {
    elements: [...dropped.values()],
    remarks,
    followsHost: policies.some(({ explicit }) => !explicit),
  };
}

/** Why an address may be the one at which an administrator reaches the host. */
function whyOwn(
  address: Address,
  { sourceOf, dropped, addressesOutside, besides }: OwnSide,
  ofGuests: ReadonlySet<Address>,
): string | undefined {
  const family = familyOf(address);
  const source = sourceOf(family);
  // An uplink that fails for a moment changes nothing: the address was not the host's own before.
  if (source === undefined && dropped.includes(address)) return undefined;
  if (source === undefined)
    return besides(address).some((other) => !ofGuests.has(other))
      ? undefined
      : "without a default route and another address on its interface, guestgate cannot know whether it is the host's own address";
  if (source === address) return 'the host itself leaves with it';
  const isOnly = addressesOutside(family).some((all) => all.length === 1 && all[0] === address);
  return isOnly ? 'it is the only address of a public interface' : undefined;
}

function remark(guest: string, address: Address, why: string, explicit: boolean): Finding[] {
  const problem = explicit
    ? `packets to ${address} are dropped while the guest does not run, and ${why}: clients cannot reach the host there`
    : `packets to ${address} reach the host while the guest does not run, from all sources: ${why}`;
  const advice = explicit
    ? 'leave out absent, or set absent = "host"'
    : 'set absent = "drop" to drop them, or absent = "host" if the host may get them';
  return findingsOf(`guest ${quoted(guest)}`, [{ problem, severity: 'later', advice }]);
}
