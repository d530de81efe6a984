import type { AnyClaim, PortClaim } from './claim.ts';
import { isIdentity, isPortClaim } from './element-claims.ts';
import type { PortRange } from './port.ts';

/*
 * Claims by neighbourhood: sixteen ports of a protocol share one, a range over more than sixteen of them has
 * one with other wide ranges. To find what contradicts a claim, few others are compared, however many there are.
 */

const portsEach = 16;
const mostForARange = 16;

/** The neighbourhoods of a claim. */
export function neighbourhoods(claim: AnyClaim): string[] {
  if (isIdentity(claim)) return [`identities-${bucketOf(claim.identity)}`];
  if (!isPortClaim(claim)) return ['addresses'];
  const [first, last] = span(claim.ports);
  if (last - first >= mostForARange) return [wide(claim)];
  return Array.from({ length: last - first + 1 }, (_, index) => `${claim.protocol}-${first + index}`);
}

/**
 * The neighbourhoods in which a contradicting claim can be.
 *
 * @param existing all that there are; asked for wide ranges only
 */
export function neighbourhoodsToSearch(claim: AnyClaim, existing: () => Iterable<string>): string[] {
  if (!isPortClaim(claim)) return neighbourhoods(claim);
  const own = neighbourhoods(claim);
  if (!own.includes(wide(claim))) return [...own, wide(claim)];
  const [first, last] = span(claim.ports);
  const within = [...existing()].filter((name) => {
    const [protocol, number] = name.split('-');
    return protocol === claim.protocol && Number(number) >= first && Number(number) <= last;
  });
  return [wide(claim), ...within];
}

/** Some guests share one, so that few are rewritten with the claims of others, and a rebuild writes few files. */
function bucketOf(identity: string): number {
  let sum = 0;
  for (let at = 0; at < identity.length; at++) sum = (sum * 31 + identity.charCodeAt(at)) % 256;
  return sum;
}

function wide(claim: PortClaim): string {
  return `${claim.protocol}-wide`;
}

function span({ first, last }: PortRange): [number, number] {
  return [Math.floor(first / portsEach), Math.floor(last / portsEach)];
}
