import type { AbsentPolicy, GuestPolicyFound } from '../model/policy.ts';

/**
 * The guests for whose public addresses the host drops packets while they do not run. A policy with a mistake does not
 * count.
 */
export function absentPolicies(guests: ReadonlyMap<string, GuestPolicyFound>): AbsentPolicy[] {
  return [...guests].flatMap(([guest, { policy, problems }]) => {
    const { publicAddresses: addresses = [], allowFrom, absent } = policy;
    const drops = (absent ?? (allowFrom === undefined ? 'host' : 'drop')) === 'drop';
    const counts = problems.length === 0 && addresses.length > 0 && drops;
    return counts ? [{ guest, addresses, explicit: absent !== undefined }] : [];
  });
}
