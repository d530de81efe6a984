import { type Address, familyOf } from '../model/address.ts';
import type { AntispoofElement } from '../model/antispoof.ts';
import type { ConfinedElement } from '../model/confinement.ts';
import type { Guest } from '../model/guest.ts';
import { isMac, linkLocalOf } from '../model/mac.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { disjointEgress, disjointPorts } from './disjoint-ports.ts';

/** The part of a policy that says with whom the guest may speak. */
export type AccessPolicy = Pick<GuestPolicy, 'access' | 'egress' | 'open'>;

/** Whether a guest may send from its own addresses alone: a rule for an address would be no rule for another one. */
export function checksSources({ antispoof, access }: Pick<GuestPolicy, 'antispoof' | 'access'>): boolean {
  return antispoof === true || access === 'inbound' || access === 'host';
}

/** What does not pass at a guest's ports, whatever its address. */
export function closedBy({ access }: Pick<GuestPolicy, 'access'>): AntispoofElement['closed'] {
  switch (access) {
    case 'none':
      return 'all';
    case 'inbound':
    case 'host':
      return 'bridge';
    default:
      return undefined;
  }
}

/** Whether each interface that a guest gets must be checked or closed, also one that it does not have yet. */
export function confines(policy: Pick<GuestPolicy, 'antispoof' | 'access'>): boolean {
  return checksSources(policy) || closedBy(policy) !== undefined;
}

/**
 * What a guest's addresses may do beyond its bridge. Pure.
 *
 * @param own the guest's addresses, as far as they are known; the link-local ones are added
 */
export function planAccess(
  { nics }: Pick<Guest, 'nics'>,
  policy: AccessPolicy,
  own: readonly Address[],
): ConfinedElement[] {
  const { access } = policy;
  if (access !== 'inbound' && access !== 'host') return [];
  const linkLocal = nics.flatMap(({ mac }) => (mac !== undefined && isMac(mac) ? [linkLocalOf(mac)] : []));
  return [...new Set([...own, ...linkLocal])].map((guest) => confined(guest, access, policy));
}

/** What one address of a guest may do. */
export function confined(
  guest: Address,
  access: ConfinedElement['access'],
  { egress = [], open = [] }: AccessPolicy,
): ConfinedElement {
  if (access === 'host') return { kind: 'confined', guest, access };
  const family = familyOf(guest);
  const everywhere = family === 'ip' ? '0.0.0.0/0' : '::/0';
  const may = egress
    .map(({ to = everywhere, protocol, ports }) => ({ to, protocol, ports }))
    .filter(({ to }) => familyOf(to) === family);
  const opened = disjointPorts(open.filter(({ address }) => address === undefined || address === guest));
  return {
    kind: 'confined',
    guest,
    access,
    ...(may.length > 0 && { egress: disjointEgress(may) }),
    ...(opened.length > 0 && { opened }),
  };
}
