import type { Claim, PortClaim } from './claim.ts';
import type { Element } from './element.ts';

/** What an element takes of the host, if anything. */
export function claimOf(element: Element): Claim | undefined {
  switch (element.kind) {
    case 'forward':
      return { host: element.host, protocol: element.protocol, ports: element.ports };
    case 'one-to-one':
      return { host: element.host };
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

export function isPortClaim(claim: Claim): claim is PortClaim {
  return 'protocol' in claim;
}
