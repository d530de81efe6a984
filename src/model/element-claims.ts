import type { AnyClaim, Claim, IdentityClaim, PortClaim } from './claim.ts';
import type { Element } from './element.ts';

/** What an element takes of the host, if anything. */
export function claimOf(element: Element): Claim | undefined {
  switch (element.kind) {
    case 'forward':
      return { host: element.host, protocol: element.protocol, ports: element.ports };
    case 'one-to-one':
      return { host: element.host };
    case 'source-nat':
      return element.exclusive ? { host: element.address } : undefined;
    default:
      return undefined;
  }
}

/** The claim that an element needs: its own, or the one that it restricts. */
export function claimBehind(element: Element): Claim | undefined {
  switch (element.kind) {
    case 'source-filter':
    case 'masquerade':
      return element.claim;
    case 'rate-limit':
    case 'connection-limit':
      return 'host' in element.at ? element.at : undefined;
    default:
      return claimOf(element);
  }
}

/** All that an element takes of what one guest alone can have. */
export function claimsOf(element: Element): AnyClaim[] {
  return withIdentity(claimOf(element), element);
}

/** All claims that an element needs: its own, and the one that it restricts. */
export function claimsBehind(element: Element): AnyClaim[] {
  return withIdentity(claimBehind(element), element);
}

/** All that elements take, each once. */
export function distinctClaims(elements: readonly Element[]): AnyClaim[] {
  return [...new Map(elements.flatMap(claimsOf).map((claim) => [JSON.stringify(claim), claim])).values()];
}

function withIdentity(claim: Claim | undefined, element: Element): AnyClaim[] {
  const identity = identityOf(element);
  return [...(claim === undefined ? [] : [claim]), ...(identity === undefined ? [] : [identity])];
}

/** Two guests with one address, or one interface, would have the same keys in the kernel. */
function identityOf(element: Element): IdentityClaim | undefined {
  switch (element.kind) {
    case 'forward':
    case 'one-to-one':
    case 'source-nat':
    case 'open':
    case 'open-source-filter':
    case 'denied':
    case 'confined':
    case 'roaming':
    case 'masquerade':
      return { identity: element.guest };
    case 'rate-limit':
    case 'connection-limit':
      return 'guest' in element.at ? { identity: element.at.guest } : undefined;
    case 'inside':
      return { identity: element.interface };
    default:
      return undefined;
  }
}

export function isIdentity(claim: AnyClaim): claim is IdentityClaim {
  return 'identity' in claim;
}

export function isPortClaim(claim: AnyClaim): claim is PortClaim {
  return 'protocol' in claim;
}
