import { policyFault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import { planVifs, type VifPlan } from '../planner/plan-vifs.ts';
import { hasProgram } from '../system/host.ts';
import type { Located } from './guest-addresses.ts';

/** The part of a policy that says what a guest's ports may send. */
type PortPolicy = Pick<GuestPolicy, 'isolated' | 'antispoof'>;

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
  located?: Located,
  hasNft = hasProgram('nft'),
): VifPlan {
  if (policy.antispoof !== true) return planVifs(guest, policy, host);
  if (hasNft) return planVifs(guest, policy, host, located === undefined ? [] : allOf(located));
  const { antispoof: _, ...rest } = policy;
  const { elements, problems } = planVifs(guest, rest, host);
  const unchecked = policyFault(
    'what it sends cannot be checked: nft is not installed',
    'install nftables, then guestgate replay',
  );
  return { elements, problems: [...problems, unchecked] };
}

function allOf({ found, others, named, interfaces }: Located): string[] {
  const chosen = interfaces.flatMap((one) => one.found);
  return [...new Set([...[...found, ...chosen].map(({ address }) => address), ...others, ...named])];
}
