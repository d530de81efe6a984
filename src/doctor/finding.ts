import type { Reading } from '../desired/host-reading.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { GuestRecord } from '../state/records.ts';

/** How much of what is to be open a fault keeps closed; `later`: nothing yet. */
export const severities = ['everything', 'something', 'later'] as const;
export type Severity = (typeof severities)[number];

/** Something that keeps a forward from working, or will. */
export interface Finding {
  readonly severity: Severity;
  /** What is wrong and what comes of it, as a person should read it. */
  readonly what: string;
  /** The shell command that fixes it, or what shows how. */
  readonly fix: string;
}

/** What the examinations look at, read once for all of them. */
export interface DoctorContext {
  readonly records: readonly GuestRecord[];
  readonly reading: Reading;
  readonly host: HostPolicy;
  /** Our bit of `ct mark`. */
  readonly mark: number;
}

/** Reads what one judgement needs, and passes it. Changes nothing. */
export type Check = (context: DoctorContext) => readonly Finding[] | Promise<readonly Finding[]>;
