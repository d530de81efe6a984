import type { Claim } from '../../model/claim.ts';
import type { MasqueradeElement } from '../../model/element.ts';
import { isPortClaim } from '../../model/element-claims.ts';
import { isAny } from '../../model/host-address.ts';
import { chains } from './chains.ts';
import { type GuestRule, nat } from './matches.ts';

/** The guest sees the host's address: by where the connection was addressed to, and by the guest that it was translated to. */
export function masqueradeRule({ claim, guest }: MasqueradeElement, comment: string): GuestRule {
  const rule = `${addressedTo(claim, guest)} ${comment} -j MASQUERADE`;
  return { ...nat(chains.masquerade, rule), ordered: false };
}

function addressedTo(claim: Claim, guest: string): string {
  if (!isPortClaim(claim)) return `-d ${guest} -m conntrack --ctorigdst ${claim.host}`;
  const { first, last } = claim.ports;
  const address = isAny(claim.host) ? '' : `--ctorigdst ${claim.host} `;
  const ports = `--ctorigdstport ${first === last ? first : `${first}:${last}`}`;
  return `-d ${guest} -p ${claim.protocol} -m conntrack ${address}${ports}`;
}
