import { liveStamp } from '../libvirt/files.ts';
import type { GuestId } from '../model/guest.ts';
import type { GuestRecord } from '../state/records.ts';

/**
 * What a plan was made from. Plans are made without the lock, since reading files takes its time; with the lock held they
 * are compared with what is so now. Where anything differs, the plan is made again, or is no longer wanted.
 */
export interface Premise {
  /** The configuration's files, as `configurationStamp()` has them. */
  readonly configuration: string;
  /** The generation of the guest's record; `none`: it had none. Left out where the plan does not depend on it. */
  readonly record?: number | 'none';
  /** The hypervisor's file of the running guest. Left out where the plan does not depend on it. */
  readonly live?: string;
}

/**
 * The premise of a plan for a running guest. To be taken before anything is read for the plan.
 *
 * @param configuration the stamp that the configuration had before it was read
 * @param before the guest's record
 */
export function premiseOf(
  guest: GuestId,
  configuration: string,
  before: Pick<GuestRecord, 'generation'> | undefined,
): Premise {
  const live = liveStamp(guest);
  return { configuration, record: before?.generation ?? 'none', ...(live !== undefined && { live }) };
}

/** What is so now, with the lock held. */
export interface Facts {
  readonly configuration: string;
  readonly before: Pick<GuestRecord, 'generation'> | undefined;
}

/** Whether all that the plan was made from is still so. */
export function stillHolds(premise: Premise, guest: GuestId, { configuration, before }: Facts): boolean {
  return (
    premise.configuration === configuration &&
    (premise.record === undefined || premise.record === (before?.generation ?? 'none')) &&
    (premise.live === undefined || premise.live === liveStamp(guest))
  );
}
