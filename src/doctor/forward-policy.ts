import { iptablesOf } from '../backends/head-rules.ts';
import { type Family, familyName } from '../model/address.ts';
import { hasLegacyTable } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import type { Check, HostFinding } from './check.ts';
import { familiesInUse } from './guests-of.ts';

/** `iptables -S FORWARD` of one kind. */
export interface ForwardListing {
  readonly family: Family;
  /** The program that lists and changes it. */
  readonly program: string;
  readonly listing: string;
}

/**
 * Packets that guestgate admits pass a policy of DROP by its accept, which comes first. Connections that guests open to the
 * outside, and the answers to them, need an accept of another program. libvirt makes one only with its iptables back end.
 *
 * @param bridges of the guests
 */
export function judgeForwardPolicy(
  listings: readonly ForwardListing[],
  bridges: readonly string[],
): HostFinding[] {
  return listings.flatMap(({ family, program, listing }): HostFinding[] => {
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
        subject: `${program} FORWARD`,
        problem: `the policy is DROP (${familyName(family)}; Docker sets it): forwards work, but guests on ${cut.join(', ')} cannot open connections to the outside`,
        fix: rules.join('; '),
      },
    ];
  });
}

/** libvirt's chains accept its networks; a rule of any program may accept the bridge. */
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
