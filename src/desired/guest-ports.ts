import { denies } from '../model/access.ts';
import type { PortTableElement } from '../model/antispoof.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import { confines, planAccess } from '../planner/plan-access.ts';
import { planVifs } from '../planner/plan-vifs.ts';
import { hasProgram } from '../system/host.ts';
import type { Located } from './guest-addresses.ts';
import type { NicAddresses } from './nic-addresses.ts';

/** A guest's addresses, and those of the interfaces that no forward needs. */
export type Addresses = Pick<Located, 'found' | 'others' | 'named' | 'interfaces'> & {
  readonly nics?: NicAddresses;
};

/** The elements, and the parts that cannot be done. */
export interface PortPlan {
  readonly elements: readonly PortTableElement[];
  readonly problems: readonly Fault[];
}

/** The part of a policy that says what a guest's ports may send, and whom they reach. */
export type PortPolicy = Pick<GuestPolicy, 'isolated' | 'antispoof' | 'access' | 'egress' | 'open'>;

/**
 * The elements of a guest's ports on the host.
 *
 * @param located the guest's addresses; undefined: none are known
 * @param hasNft whether the host has what checks them
 */
export function guestPorts(
  guest: Guest,
  policy: PortPolicy,
  host: Pick<HostPolicy, 'vifRules'>,
  located?: Addresses,
  hasNft = hasProgram('nft'),
): PortPlan {
  if (!confines(policy) && (hasNft || policy.isolated !== true)) return planVifs(guest, policy, host);
  const own = located === undefined ? [] : allOf(located);
  if (hasNft) {
    const ports = planVifs(guest, policy, host, own);
    return { ...ports, elements: [...ports.elements, ...planAccess(guest, policy, own)] };
  }
  const { antispoof: _, access: __, ...rest } = policy;
  const { elements, problems } = planVifs(guest, rest, host);
  const unchecked = policyFault(
    'what it sends and reaches cannot be checked: nft is not installed',
    'install nftables, then guestgate replay',
  );
  return { elements, problems: [...problems, unchecked] };
}

function allOf({ found, others, named, interfaces, nics }: Addresses): string[] {
  const chosen = interfaces.flatMap((one) => one.found);
  return [
    ...new Set([
      ...[...found, ...chosen].map(({ address }) => address),
      ...others,
      ...named,
      ...(nics?.addresses ?? []),
    ]),
  ];
}

/** A policy in which something else is wrong: what confines the guest holds. */
export function portPolicy({ isolated, antispoof, access, egress, open, addresses }: GuestPolicy) {
  return {
    ...(isolated !== undefined && { isolated }),
    ...(antispoof !== undefined && { antispoof }),
    ...(access !== undefined && { access }),
    ...(egress !== undefined && { egress }),
    ...(open !== undefined && { open }),
    ...(addresses !== undefined && { addresses }),
  };
}

/** Whether faults refuse a start. A guest that waits for its lease is confined already: only its own `on_error` refuses it then. */
export function refuses(policy: GuestPolicy, faults: readonly Fault[]): boolean {
  const waits = faults.length > 0 && faults.every(({ kind }) => kind === 'no-address');
  return denies(policy) && !(waits && policy.onError === undefined);
}
