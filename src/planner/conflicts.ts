import { parseAddress } from '../model/address.ts';
import type { AnyClaim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { claimOf, claimsBehind, isIdentity, isPortClaim } from '../model/element-claims.ts';
import { familyOfHost, formatHost, isAny } from '../model/host-address.ts';
import { formatPorts, overlap } from '../model/port.ts';
import { Overlaps } from './overlaps.ts';

/** Something of the host that a guest holds. */
export interface HeldClaim {
  readonly claim: AnyClaim;
  /** The name of the holder's record, which must still hold the claim before another guest is refused. */
  readonly holder: string;
  /** The holder's policy is in metadata: it gives way to policies in files. */
  readonly weak?: true;
}

export interface Refused {
  readonly claim: AnyClaim;
  readonly holder: string;
}

/**
 * Two claims contradict each other if one packet could fall under both: the same protocol, a port in common,
 * and the same address, or any of its family on one side. A whole address conflicts only with the same whole address:
 * forwards at that address come first, then it, then forwards for any address.
 */
export function contradict(a: AnyClaim, b: AnyClaim): boolean {
  if (isIdentity(a) || isIdentity(b)) return isIdentity(a) && isIdentity(b) && a.identity === b.identity;
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
): { accepted: readonly One[]; refused: Refused[] } {
  if (held.length === 0) return { accepted: elements, refused: [] };
  const refused: Refused[] = [];
  const overlaps = new Overlaps<HeldClaim>();
  for (const one of held) overlaps.add(one.claim, one);
  const accepted = elements.filter((element) => {
    for (const claim of claimsBehind(element)) {
      const other = overlaps.first(claim);
      if (other === undefined) continue;
      if (isIdentity(claim) || claimOf(element) !== undefined) refused.push({ claim, holder: other.holder });
      return false;
    }
    return true;
  });
  return { accepted: withoutOrphans(accepted, refused), refused: distinct(refused) };
}

/** Many elements need the address of their guest. */
function distinct(refused: readonly Refused[]): Refused[] {
  return [...new Map(refused.map((one) => [JSON.stringify(one), one])).values()];
}

/** A guest that does not get its public address does not leave with it either. */
function withoutOrphans<One extends Element>(accepted: readonly One[], refused: readonly Refused[]): One[] {
  const lost = new Set(
    refused.flatMap(({ claim }) => (isPortClaim(claim) || isIdentity(claim) ? [] : [claim.host])),
  );
  return accepted.filter((element) => element.kind !== 'source-nat' || !lost.has(element.address));
}

/** `203.0.113.10:8443/tcp`, `port 8443/tcp`, `port 8443/tcp (IPv6)`, `address 203.0.113.12`. */
export function describeClaim(claim: AnyClaim): string {
  if (isIdentity(claim)) return describeIdentity(claim.identity);
  if (!isPortClaim(claim)) return `address ${claim.host}`;
  const ports = `${formatPorts(claim.ports)}/${claim.protocol}`;
  if (!isAny(claim.host)) return `${formatHost(claim.host)}:${ports}`;
  return claim.host === 'any' ? `port ${ports}` : `port ${ports} (IPv6)`;
}

function describeIdentity(identity: string): string {
  return `${parseAddress(identity) === undefined ? 'interface' : 'guest address'} ${identity}`;
}
