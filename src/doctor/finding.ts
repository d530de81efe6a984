import type { Reading } from '../desired/host-reading.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { Record } from '../state/records.ts';

/** How much of what is to be open a fault keeps closed; `later`: nothing yet. */
export const harms = ['everything', 'something', 'later'] as const;
export type Harm = (typeof harms)[number];

/** Something that keeps a forward from working, or will. */
export interface Finding {
  readonly harm: Harm;
  /** What is wrong and what comes of it, as a person should read it. */
  readonly what: string;
  /** The shell command that mends it, or what shows how. */
  readonly mend: string;
}

/** What the examinations look at, read once for all of them. */
export interface Patient {
  readonly records: readonly Record[];
  readonly reading: Reading;
  readonly host: HostPolicy;
  /** Our bit of `ct mark`. */
  readonly mark: number;
}

/** Reads what one judgement needs, and passes it. Changes nothing. */
export type Examination = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;
