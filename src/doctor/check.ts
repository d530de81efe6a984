import type { Checked } from '../check/check.ts';
import type { Family } from '../model/address.ts';
import type { Finding } from '../model/finding.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { PlanReading } from '../reconcile/plan-reading.ts';
import type { GuestRecord } from '../state/records.ts';
import type { SharedListings } from '../system/shared-listings.ts';
import type { Surveyed } from './survey.ts';
import type { Target } from './targets.ts';
import type { Attempt } from './try-forwards.ts';

/** Something that blocks a forward, or will, with the command that fixes it or shows how. */
export interface HostFinding extends Finding {
  readonly fix: string;
  /** What it is about, for findings of other checks about the same: `iptables filter FORWARD`. */
  readonly cause?: string;
}

/** What the checks look at, read once for all of them. */
export interface DoctorContext {
  readonly records: readonly GuestRecord[];
  readonly reading: PlanReading;
  readonly host: HostPolicy;
  /** guestgate's bit of `ct mark`. */
  readonly mark: number;
  readonly listings: SharedListings;
  /** The findings of `check`, looked for once. */
  readonly checked: () => Promise<Checked>;
  /** What packets should reach. */
  readonly targets: () => readonly Target[];
  /** The host's rules, routes and sides in the families of the targets, read once. */
  readonly survey: () => ReadonlyMap<Family, Surveyed>;
  /** The traces of connections to the targets. */
  readonly tried: () => Attempt;
}

/** Reads what one judgement needs, and judges it. Changes nothing. */
export type Check = (context: DoctorContext) => readonly HostFinding[] | Promise<readonly HostFinding[]>;
