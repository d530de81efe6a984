import { iptablesOf } from '../backends/head-rules.ts';
import { packetOf, somewhere } from '../explain/explain.ts';
import { traceBeyond } from '../explain/trace.ts';
import { type Address, type Family, familyName, familyOf } from '../model/address.ts';
import { type GuestRecord, knownAddresses } from '../state/records.ts';
import { hasLegacyTable } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import type { Check, DoctorContext, HostFinding } from './check.ts';
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
 * @param meets whether the policy decides over a connection that a guest opens: chains of other programs may admit it
 */
export function judgeForwardPolicy(
  listings: readonly ForwardListing[],
  bridges: readonly string[],
  meets: (listing: ForwardListing, bridge: string) => boolean,
): HostFinding[] {
  return listings.flatMap((one): HostFinding[] => {
    const { family, program, listing } = one;
    const dropping = /^-P FORWARD (DROP|REJECT)$/m.test(listing);
    const cut = dropping ? bridges.filter((bridge) => !admits(listing, bridge) && meets(one, bridge)) : [];
    if (cut.length === 0) return [];
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

export const forwardPolicy: Check = (context) => {
  const { records } = context;
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
  return judgeForwardPolicy(listings, [...bridges], (listing, bridge) =>
    meetsPolicy(listing, guestOn(bridge, listing.family, records), context),
  );
};

function guestOn(bridge: string, family: Family, records: readonly GuestRecord[]): Address | undefined {
  const beside = records.filter(({ guest }) => guest.nics.some((nic) => nic.bridge === bridge));
  return beside.flatMap(knownAddresses).find((address) => familyOf(address) === family);
}

/** Where no guest's address is known, it may. */
function meetsPolicy(
  { family, program }: ForwardListing,
  guest: Address | undefined,
  { survey }: Pick<DoctorContext, 'survey'>,
): boolean {
  const surveyed = guest === undefined ? undefined : survey().get(family);
  const input = guest === undefined ? undefined : surveyed?.sides.inputOf(guest);
  if (guest === undefined || surveyed === undefined || input === undefined) return true;
  const asked = { address: somewhere[family], port: 443, protocol: 'tcp' as const };
  const { obstacles } = traceBeyond(packetOf(asked, guest, input), surveyed.rules, surveyed.host);
  const chain = `${program.replace(/-nft$/, '')} filter FORWARD`;
  return obstacles.some((one) => one.kind === 'chain' && one.chain === chain && one.hit === undefined);
}
