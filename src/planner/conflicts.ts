import type { Claim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { claimBehind, claimOf, isPortClaim } from '../model/element-claims.ts';
import { familyOfHost, formatHost, isAny } from '../model/host-address.ts';
import { formatPorts, overlap } from '../model/port.ts';
import { Overlaps } from './overlaps.ts';

/** Something of the host that a guest holds. */
export interface HeldClaim {
  readonly claim: Claim;
  /** The name of the holder's record, which must still hold the claim before another guest is refused. */
  readonly holder: string;
}

export interface Refused {
  readonly claim: Claim;
  readonly holder: string;
}

/**
 * Two claims contradict each other if one packet could fall under both: the same protocol, a port in common,
 * and the same address, or any of its family on one side. A whole address conflicts only with the same whole address:
 * forwards at that address come first, then it, then forwards for any address.
 */
export function contradict(a: Claim, b: Claim): boolean {
  if (!isPortClaim(a) || !isPortClaim(b)) return !isPortClaim(a) && !isPortClaim(b) && a.host === b.host;
  return (
    a.protocol === b.protocol &&
    overlap(a.ports, b.ports) &&
    (a.host === b.host || ((isAny(a.host) || isAny(b.host)) && familyOfHost(a.host) === familyOfHost(b.host)))
  );
}

/** Leaves out claims that other guests hold, with their source filters and limits: those guests came first. */
export function withoutConflicts<One extends Element>(
  elements: readonly One[],
  held: readonly HeldClaim[],
): { accepted: One[]; refused: Refused[] } {
  if (held.length === 0) return { accepted: [...elements], refused: [] };
  const refused: Refused[] = [];
  const overlaps = new Overlaps<HeldClaim>();
  for (const one of held) overlaps.add(one.claim, one);
  const accepted = elements.filter((element) => {
    const claim = claimBehind(element);
    const other = claim && overlaps.first(claim);
    if (other !== undefined && claimOf(element) !== undefined)
      refused.push({ claim, holder: other.holder } as Refused);
    return other === undefined;
  });
  return { accepted: withoutOrphans(accepted, refused), refused };
}

/** A guest that does not get its public address does not leave with it either. */
function withoutOrphans<One extends Element>(accepted: readonly One[], refused: readonly Refused[]): One[] {
  const lost = new Set(refused.filter(({ claim }) => !isPortClaim(claim)).map(({ claim }) => claim.host));
  return accepted.filter((element) => element.kind !== 'source-nat' || !lost.has(element.address));
}

/** `203.0.113.10:8443/tcp`, `port 8443/tcp`, `port 8443/tcp (IPv6)`, `address 203.0.113.12`. */
export function describeClaim(claim: Claim): string {
  if (!isPortClaim(claim)) return `address ${claim.host}`;
  const ports = `${formatPorts(claim.ports)}/${claim.protocol}`;
  if (!isAny(claim.host)) return `${formatHost(claim.host)}:${ports}`;
  return claim.host === 'any' ? `port ${ports}` : `port ${ports} (IPv6)`;
}
