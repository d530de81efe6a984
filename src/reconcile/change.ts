import type { BackendName } from '../model/backend-name.ts';
import type { HostState } from '../state/host-state.ts';
import type { GuestRecord } from '../state/records.ts';

/** The change of one guest's rules. */
export interface GuestChange {
  /** The name of its record. */
  readonly name: string;
  /** What the kernel holds. */
  readonly before: GuestRecord | undefined;
  readonly after: GuestRecord;
  /** Whether the guest needs guestgate's head rules. */
  readonly adds: boolean;
  /** Whether the record is removed, too. */
  readonly removes: boolean;
  /** For messages: `adding rules for guest "web"`. */
  readonly doing: string;
}

/** The change of rules and settings that belong to no guest. */
export interface HostChange {
  readonly networks: HostState['networks'];
  /** The bit of `ct mark`. */
  readonly mark: number;
  /** The back end that makes the rules from now on. */
  readonly backend: BackendName;
}

/** The result for one guest: `settled` is its record without the elements that the kernel refused. */
export type GuestResult =
  | { readonly change: GuestChange; readonly settled: GuestRecord }
  | { readonly change: GuestChange; readonly failed: unknown };

/** The changes that are carried out together, those that follow one by one, and those that are not tried again. */
export interface Apart {
  readonly together: readonly GuestChange[];
  readonly alone: readonly GuestChange[];
  readonly untried: readonly GuestChange[];
}
