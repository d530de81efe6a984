import type { Forward, Policy, Ports } from './policy.ts';

/* What guests want of the host, and who may have it: docs/explanation/forwards.md, "Conflicts". */

/** A forward or a whole public address, which only one guest can have. */
export interface Claim {
  readonly guest: string;
  /** The same claim, whichever guest has it. */
  readonly key: string;
  readonly host?: string | undefined;
  /** Undefined: the whole address. */
  readonly forward?: Forward | undefined;
}

export function claimsOf(guest: string, policy: Policy): Claim[] {
  const forwards = policy.forward.map((forward) => ({
    guest,
    key: `${forward.protocol} ${forward.host ?? '*'} ${forward.first}-${forward.last}`,
    host: forward.host,
    forward,
  }));
  const { publicAddress } = policy;
  if (publicAddress === undefined) return forwards;
  return [...forwards, { guest, key: `all of ${publicAddress}`, host: publicAddress }];
}

/** A forward at a public address comes first, and is no conflict. */
export function conflict(one: Claim, other: Claim): boolean {
  const [a, b] = [one.forward, other.forward];
  if (a === undefined || b === undefined) return a === b && one.host === other.host;
  return overlap(a, b) && (a.host === undefined || b.host === undefined || a.host === b.host);
}

export function overlap(one: Ports, other: Ports): boolean {
  return one.protocol === other.protocol && one.first <= other.last && other.first <= one.last;
}

/**
 * What counts of a policy in a file and of one in the domain's XML: file beats metadata key by key. A forward that a file
 * gives another guest is not for metadata, whether that guest runs or not.
 */
export function effectivePolicy(
  guest: string,
  files: ReadonlyMap<string, Policy>,
  metadata: Policy | undefined,
): Policy | undefined {
  const file = files.get(guest);
  if (metadata === undefined) return file;
  if (file !== undefined)
    return {
      ...file,
      allowFrom: file.allowFrom ?? metadata.allowFrom,
      denyFrom: file.denyFrom.length > 0 ? file.denyFrom : metadata.denyFrom,
    };
  const taken = [...files].flatMap(([other, policy]) => claimsOf(other, policy));
  const isFree = (claim: Claim) => !taken.some((other) => conflict(other, claim) || isWhole(other, claim));
  const forward = claimsOf(guest, metadata).flatMap((claim) =>
    claim.forward !== undefined && isFree(claim) ? [claim.forward] : [],
  );
  return { ...metadata, forward };
}

/** A forward at an address that a file gives another guest as a whole. */
function isWhole(other: Claim, claim: Claim): boolean {
  return other.forward === undefined && other.host === claim.host;
}
