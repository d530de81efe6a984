import type { NicSurroundings } from '../libvirt/address-sources.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicyFound } from '../model/policy.ts';
import type { XmlNode } from '../model/xml.ts';
import type { HostView } from '../planner/host-view.ts';
import type { EffectivePolicy } from '../policy/guest-policy.ts';
import type { MetadataBounds } from '../policy/limit-metadata.ts';
import { parseMetadata } from '../policy/metadata.ts';
import type { Reading } from './host-reading.ts';
import { metadataBounds } from './metadata-bounds.ts';
import { verifiedAddresses, withVerifiedOnly } from './verified-addresses.ts';

/** The policy in a domain's XML, and what limits it. */
export interface MetadataLimits {
  readonly found: GuestPolicyFound;
  readonly bounds: MetadataBounds;
  /** The surroundings in which the address of the guest is searched for. */
  readonly confirmed: (effective: Pick<EffectivePolicy, 'fromMetadata'>) => readonly NicSurroundings[];
}

/** @returns undefined where the domain has no policy */
export async function readMetadata(
  guest: Guest,
  metadata: XmlNode,
  reading: Reading,
  view: HostView,
  run: GuestRun,
): Promise<MetadataLimits | undefined> {
  const found = parseMetadata(metadata);
  if (found === undefined) return undefined;
  const surroundings = await reading.surroundingsOf(guest);
  const bounds = await metadataBounds(guest, reading, view, verifiedAddresses(guest, surroundings, run));
  return {
    found,
    bounds,
    confirmed: ({ fromMetadata }) =>
      fromMetadata.some((key) => usesAddress.has(key)) && !bounds.grants.keys.includes('address')
        ? withVerifiedOnly(surroundings, bounds.isOwn)
        : surroundings,
  };
}

/** The keys that lead others to the address of the guest, or the guest out with another one. */
const usesAddress: ReadonlySet<string> = new Set(['forwards', 'open', 'publicAddresses', 'snat']);
