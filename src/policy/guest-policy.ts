import type { Address } from '../model/address.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy, GuestPolicyFound, HostPolicy } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import type { Configuration } from './configuration.ts';
import { excessOf } from './policy-size.ts';

/** The policy that counts for a guest, or why it is unknown. */
export interface EffectivePolicy {
  readonly policy: GuestPolicy;
  /** What is wrong in it. A policy with a problem is not applied. */
  readonly problems: readonly Problem[];
  /** Whether the files or the domain XML have a policy for this guest. */
  readonly managed: boolean;
}

/**
 * The policy of a guest: by UUID or name from the files, and from its metadata. Files win, key by key.
 * A file that could not be read is a problem of the guests that no other file names, and of all guests if
 * it contains `[host]`.
 */
export function effectivePolicy(
  guest: Guest,
  metadata: GuestPolicyFound | undefined,
  configuration: Configuration,
): EffectivePolicy {
  const named = configuration.guests.get(guest.name);
  const byUuid =
    guest.uuid === undefined || guest.uuid === guest.name ? undefined : findUuid(configuration, guest.uuid);
  const inMetadata = configuration.host.metadata ? metadata : undefined;
  const found = [named, byUuid, inMetadata].filter((one) => one !== undefined);
  const problems = found.flatMap((one) => one.problems);
  if (named !== undefined && byUuid !== undefined) {
    problems.push({
      where: `[guest."${guest.uuid}"]`,
      problem: `the guest has a policy by its name too`,
      hint: 'keep one of them',
    });
  }
  if (
    inMetadata !== undefined &&
    named?.policy.forwards === undefined &&
    byUuid?.policy.forwards === undefined
  ) {
    problems.push(...reservedPorts(inMetadata.policy, configuration.host));
  }
  const wholeAddress = [named, byUuid].some((one) => one?.policy.publicAddresses !== undefined);
  if (!wholeAddress && configuration.host.reserved.length > 0)
    problems.push(...(inMetadata?.policy.publicAddresses ?? []).map(reservedAddress));
  if (inMetadata !== undefined) {
    const files = { ...byUuid?.policy, ...named?.policy };
    problems.push(...tooLarge(inMetadata.policy, files, configuration.host));
  }
  return {
    policy: { ...inMetadata?.policy, ...byUuid?.policy, ...named?.policy },
    problems: [...(found.length === 0 ? configuration.unread : configuration.hostUnknown), ...problems],
    managed: found.length > 0,
  };
}

function findUuid(configuration: Configuration, uuid: string) {
  return configuration.guests.get(uuid) ?? configuration.guests.get(uuid.toUpperCase());
}

function reservedPorts(policy: GuestPolicy, host: HostPolicy): Problem[] {
  const taken = (policy.forwards ?? []).filter((forward) =>
    host.reserved.some(
      ({ ports, protocol }) =>
        overlap(ports, forward.ports) && (protocol === undefined || protocol === forward.protocol),
    ),
  );
  return [...new Set(taken.map(({ text }) => text))].map((text) => ({
    where: 'metadata in the domain XML',
    problem: `${text} takes a port that [host] reserves`,
    hint: 'to forward it, use a file in /etc/guestgate',
  }));
}

/** Whether metadata gives more than it may, or more than the whole policy may have with what the files give. */
function tooLarge(metadata: GuestPolicy, files: GuestPolicy, host: HostPolicy): Problem[] {
  const given = Object.fromEntries(Object.entries(metadata).filter(([key]) => !Object.hasOwn(files, key)));
  const ofMetadata = excessOf(given, host.metadataLimits);
  const [excess, table] =
    ofMetadata.length > 0
      ? [ofMetadata, 'metadata_limits']
      : [excessOf({ ...metadata, ...files }, host.limits), 'limits'];
  return excess.map(({ key, problem }) => ({
    where: 'metadata in the domain XML',
    problem,
    hint: `raise ${key} in [host.${table}], or use a file in /etc/guestgate`,
  }));
}

/** An address includes all ports, so also those that the host reserves. */
function reservedAddress(address: Address): Problem {
  return {
    where: 'metadata in the domain XML',
    problem: `publicAddress ${address} takes ports that [host] reserves`,
    hint: 'to use it, write public_address into a file in /etc/guestgate',
  };
}
