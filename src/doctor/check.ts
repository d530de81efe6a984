import type { Checked } from '../check/check.ts';
import type { Reading } from '../desired/host-reading.ts';
import type { Finding } from '../model/finding.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { GuestRecord } from '../state/records.ts';

/** Something that blocks a forward, or will, with the command that fixes it or shows how. */
export interface HostFinding extends Finding {
  readonly fix: string;
  /** What it is about, for findings of other checks about the same: `iptables filter FORWARD`. */
  readonly cause?: string;
}

/** What the checks look at, read once for all of them. */
export interface DoctorContext {
  readonly records: readonly GuestRecord[];
  readonly reading: Reading;
  readonly host: HostPolicy;
  /** guestgate's bit of `ct mark`. */
  readonly mark: number;
  /** The findings of `check`, looked for once. */
  readonly checked: () => Promise<Checked>;
}

/** Reads what one judgement needs, and judges it. Changes nothing. */
export type Check = (context: DoctorContext) => readonly HostFinding[] | Promise<readonly HostFinding[]>;
