import { liveStamp } from '../libvirt/live-stamp.ts';
import type { GuestId } from '../model/guest.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import type { GuestRecord } from '../state/records.ts';
import { factsText, readHostFacts } from '../system/uplinks.ts';

/**
 * The facts that a plan was made from. Plans are made without the lock, because reading files takes time. With the lock
 * held, guestgate compares the premise with the present: if it differs, the plan is made again or dropped.
 */
export interface Premise {
  /** `configurationStamp()` of the configuration's files. */
  readonly configuration: string;
  /** The generation of the guest's record, `none` if it had no record. Left out if the plan does not depend on it. */
  readonly record?: number | 'none';
  /** The stamp of the hypervisor's file of the running guest. Left out if the plan does not depend on it. */
  readonly live?: string;
  /** `factsText()` of the host. Left out if the plan does not depend on the host's uplinks. */
  readonly host?: string;
}

/**
 * The premise of a plan for a running guest. Take it before reading anything for the plan.
 *
 * @param configuration the configuration's stamp from before it was read
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

/** The present, read with the lock held. */
export interface Facts {
  /** Read only if a plan depends on it. */
  readonly configuration: () => string;
  readonly before: Pick<GuestRecord, 'generation'> | undefined;
  /** Read only if a plan depends on it. */
  readonly host: () => string;
}

/** The facts that are the same for all guests. */
export function presentFacts(): Omit<Facts, 'before'> {
  let configuration: string | undefined;
  let host: string | undefined;
  return {
    configuration: () => {
      configuration ??= configurationStamp();
      return configuration;
    },
    host: () => {
      host ??= factsText(readHostFacts());
      return host;
    },
  };
}

/** Whether the premise is still true. */
export function stillHolds(
  premise: Premise,
  guest: GuestId,
  { configuration, before, host }: Facts,
): boolean {
  return (
    premise.configuration === configuration() &&
    (premise.record === undefined || premise.record === (before?.generation ?? 'none')) &&
    (premise.live === undefined || premise.live === liveStamp(guest)) &&
    (premise.host === undefined || premise.host === host())
  );
}
