import { type Access, accesses } from '../model/access.ts';
import type { Fault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { guestKeys } from '../model/guest-keys.ts';
import type { GuestPolicy, GuestPolicyFound, HostPolicy } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { Configuration } from './configuration.ts';
import { limitMetadata, type MetadataBounds } from './limit-metadata.ts';
import { excessOf, remedyOf } from './policy-size.ts';

/** The policy that counts for a guest, or why it is unknown. */
export interface EffectivePolicy {
  readonly policy: GuestPolicy;
  /** What is wrong in it. A policy with a problem is not applied. */
  readonly problems: readonly Problem[];
  /** Whether the files or the domain XML have a policy for this guest. */
  readonly managed: boolean;
  /** What its metadata asks for and does not get. */
  readonly refused: readonly Fault[];
  /** The keys that come from its metadata. */
  readonly fromMetadata: readonly (keyof GuestPolicy)[];
  /** All that it asks of the host comes from its metadata: it gives way to policies in files. */
  readonly weak: boolean;
}

export interface PolicyContext {
  /** What limits its metadata. Undefined: nothing, as for a guest without any. */
  readonly bounds?: MetadataBounds | undefined;
  /** The keys by which files name it. */
  readonly keys?: readonly string[];
}

/**
 * The policy of a guest: by driver and name, UUID or name from the files, and from its metadata. Files win, key by key.
 * A file that could not be read is a problem of the guests that no other file names, and of all guests if
 * it contains `[host]`.
 */
export function effectivePolicy(
  guest: Guest,
  metadata: GuestPolicyFound | undefined,
  configuration: Configuration,
  { bounds, keys = guestKeys(guest) }: PolicyContext = {},
): EffectivePolicy {
  const byKey = keys.flatMap((key) => {
    const found = configuration.guests.get(key);
    return found === undefined ? [] : [{ key, ...found }];
  });
  const inMetadata = configuration.host.metadata ? metadata : undefined;
  const found = [...byKey, ...(inMetadata === undefined ? [] : [inMetadata])];
  const problems: Problem[] = found.flatMap((one) => one.problems);
  for (const { key } of byKey.slice(1)) {
    problems.push({
      where: `[guest."${key}"]`,
      problem: 'the guest has a policy by its name too',
      hint: 'keep one of them',
    });
  }
  const inFiles: GuestPolicy = Object.assign({}, ...byKey.toReversed().map(({ policy }) => policy));
  const byNetwork = inFiles.access === undefined ? networkAccess(guest, configuration) : undefined;
  const isolated = inFiles.isolated === undefined && isIsolated(guest, configuration);
  const confining = {
    ...inFiles,
    ...(byNetwork !== undefined && { access: byNetwork }),
    ...(isolated && { isolated }),
  };
  const asked = withinAccess(without(inMetadata?.policy ?? {}, confining), confining);
  const excess = inMetadata === undefined ? [] : tooLarge(asked, inFiles, configuration.host);
  problems.push(...excess);
  // What is too large is not compared with what is granted: that takes time.
  const { policy, refused } =
    bounds === undefined || excess.length > 0 ? { policy: asked, refused: [] } : limitMetadata(asked, bounds);
  return {
    policy: { ...policy, ...confining },
    problems: [...(found.length === 0 ? configuration.unread : configuration.hostUnknown), ...problems],
    managed: found.length > 0 || byNetwork !== undefined || isolated,
    refused,
    fromMetadata: Object.keys(policy) as (keyof GuestPolicy)[],
    weak: asks(policy) && !asks(inFiles),
  };
}

/** The strictest access that the networks, or bridges, of a guest's interfaces give it. */
function networkAccess(guest: Guest, { networks }: Configuration): Access | undefined {
  const given = namesOf(guest).flatMap((name) => networks.get(name)?.policy.access ?? []);
  return accesses.findLast((access) => access !== 'open' && given.includes(access));
}

/** Whether any of them isolates its guests. */
function isIsolated(guest: Guest, { networks }: Configuration): boolean {
  return namesOf(guest).some((name) => networks.get(name)?.policy.isolated === true);
}

/** The networks and bridges of a guest's interfaces. */
function namesOf({ nics }: Guest): string[] {
  return [...new Set(nics.flatMap(({ network, bridge }) => [network ?? [], bridge ?? []].flat()))];
}

/** What the administrator confines, metadata widens in no way: neither by what the guest may open, nor by a start without it. */
function withinAccess(metadata: GuestPolicy, { access }: GuestPolicy): GuestPolicy {
  if (access === undefined || access === 'open') return metadata;
  const { egress: _, onError, ...rest } = metadata;
  return { ...rest, ...(onError === 'deny' && { onError }) };
}

function asks({ forwards, open, publicAddresses, snat }: GuestPolicy): boolean {
  return [forwards, open, publicAddresses, snat].some((asked) => asked !== undefined);
}

/** Whether metadata asks for more than it may, or for more than the whole policy may have with what the files give. */
function tooLarge(asked: GuestPolicy, files: GuestPolicy, host: HostPolicy): Problem[] {
  const ofMetadata = excessOf(asked, host.metadataLimits);
  const [excess, table] =
    ofMetadata.length > 0
      ? ([ofMetadata, 'metadata_limits'] as const)
      : ([excessOf({ ...asked, ...files }, host.limits), 'limits'] as const);
  return excess.map((one) => ({
    where: 'metadata in the domain XML',
    problem: one.problem,
    hint: `${remedyOf(one, table)}${one.key === undefined ? '' : ', or use a file in /etc/guestgate'}`,
  }));
}

/** The keys of a policy that another one does not have. */
function without(policy: GuestPolicy, other: GuestPolicy): GuestPolicy {
  return Object.fromEntries(Object.entries(policy).filter(([key]) => !Object.hasOwn(other, key)));
}
