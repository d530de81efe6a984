import { iptablesOf } from '../backends/head-rules.ts';
import { type Family, familyName } from '../model/address.ts';
import { hasLegacyTable } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import type { Check, Finding } from './finding.ts';
import { familiesInUse } from './guests-of.ts';

/** `iptables -S FORWARD` of one kind. */
export interface ForwardListing {
  readonly family: Family;
  /** The program that lists and changes it. */
  readonly program: string;
  readonly listing: string;
}

/**
 * What we admit passes a policy of DROP by our accept, which comes first; but guests' own connections outwards, and
 * answers to them, need an accept of somebody's. libvirt makes one with its iptables back end alone.
 *
 * @param bridges of the guests
 */
export function judgeForwardPolicy(
  listings: readonly ForwardListing[],
  bridges: readonly string[],
): Finding[] {
  return listings.flatMap(({ family, program, listing }): Finding[] => {
    const dropping = /^-P FORWARD (DROP|REJECT)$/m.test(listing);
    const cut = bridges.filter((bridge) => !admits(listing, bridge));
    if (!dropping || cut.length === 0) return [];
    const rules = cut.flatMap((bridge) => [
      `${program} -A FORWARD -i ${bridge} -j ACCEPT`,
      `${program} -A FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ]);
    return [
      {
        severity: 'something',
        what: `the policy of FORWARD is DROP (${familyName(family)}, ${program}; Docker sets it): forwards work, but guests on ${cut.join(', ')} open no connections outwards`,
        fix: rules.join('; '),
      },
    ];
  });
}

/** libvirt's chains know its networks; anybody's rule may name the bridge. */
function admits(listing: string, bridge: string): boolean {
  const lines = listing.split('\n');
  return lines.some(
    (line) => line.includes('-j LIBVIRT_FWO') || (/-j ACCEPT$/.test(line) && line.includes(` -i ${bridge} `)),
  );
}

export const forwardPolicy: Check = ({ records }) => {
  const bridges = new Set(records.flatMap(({ guest }) => guest.nics.flatMap(({ bridge }) => bridge ?? [])));
  const listings = familiesInUse(records).flatMap((family) => {
    const program = iptablesOf(family);
    const kinds = hasLegacyTable(family, 'filter')
      ? [`${program}-nft`, `${program}-legacy`]
      : [`${program}-nft`];
    return kinds.flatMap((kind) => {
      const listing = tryListing({ program: kind, args: ['-w', '3', '-S', 'FORWARD'] });
      return listing === undefined ? [] : [{ family, program: kind, listing }];
    });
  });
  return judgeForwardPolicy(listings, [...bridges]);
};
