import { type Address, contains, type Network } from '../model/address.ts';
import type { Claim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { claimOf, isPortClaim } from '../model/element-claims.ts';
import type { Flow } from '../model/flow.ts';
import { isAny } from '../model/host-address.ts';
import { isEnded } from './ended-flows.ts';
import { type Denial, isDenial } from './stale-flows.ts';

/*
 * Sources are checked on the first packet of a connection, so what a source has already would outlive the list that admitted
 * it. Limits are another matter: they say how much is new, and what exists is not over one.
 */

/**
 * Whether a flow of guestgate's comes from a source that one of these elements, which were added, does not admit.
 *
 * @param elements all elements of the same guest: a list of sources holds for the forward that the flow uses
 * @param isOwn whether an address is one of the host's, from which everything is admitted
 */
export function isDenied(
  flow: Flow,
  added: readonly Element[],
  elements: readonly Element[],
  isOwn: (address: Address) => boolean,
): boolean {
  return added.some((element) => isDenial(element) && denies(element, flow, elements, isOwn));
}

function denies(
  denial: Denial,
  flow: Flow,
  elements: readonly Element[],
  isOwn: (address: Address) => boolean,
): boolean {
  const { original, reply } = flow;
  if (denial.kind === 'denied') return reply.source === denial.guest && isIn(original.source, denial.from);
  if (isIn(original.source, denial.from)) return false;
  if (denial.kind === 'open-source-filter') return isEnded(flow, [{ ...denial, kind: 'open' }]);
  const claim = carrierOf(flow, elements);
  return claim !== undefined && isSameClaim(claim, denial.claim) && !isOwn(original.source);
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some((network) => contains(network, address));
}

/** What the flow uses, in the order in which the rules ask: ports of an address, a whole address, ports of any address. */
function carrierOf(flow: Flow, elements: readonly Element[]): Claim | undefined {
  const used = elements.flatMap((element) => (isEnded(flow, [element]) ? (claimOf(element) ?? []) : []));
  const rank = (claim: Claim) => (!isPortClaim(claim) ? 1 : isAny(claim.host) ? 2 : 0);
  return used.sort((a, b) => rank(a) - rank(b))[0];
}

function isSameClaim(one: Claim, other: Claim): boolean {
  if (!isPortClaim(one) || !isPortClaim(other))
    return !isPortClaim(one) && !isPortClaim(other) && one.host === other.host;
  return (
    one.host === other.host &&
    one.protocol === other.protocol &&
    one.ports.first === other.ports.first &&
    one.ports.last === other.ports.last
  );
}
