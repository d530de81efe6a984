import type { BackendName } from '../model/backend-name.ts';
import type { HostState } from '../state/host-state.ts';
import type { GuestRecord } from '../state/records.ts';

/** What is to become of one guest's rules. */
export interface GuestChange {
  /** The name of its record. */
  readonly name: string;
  /** What the kernel holds. */
  readonly before: GuestRecord | undefined;
  readonly after: GuestRecord;
  /** Whether our accepts have to be first for it. */
  readonly adds: boolean;
  /** Whether the record goes, too. */
  readonly removes: boolean;
  /** For messages: `adding rules for guest "web"`. */
  readonly doing: string;
}

/** What is to become of what belongs to no guest. */
export interface HostChange {
  readonly networks: HostState['networks'];
  /** The bit of `ct mark`. */
  readonly mark: number;
  /** The back end that makes the rules from now on. */
  readonly backend: BackendName;
}

/** What a guest has in the end: `settled` is its record, less what the kernel refused. */
export type GuestResult =
  | { readonly change: GuestChange; readonly settled: GuestRecord }
  | { readonly change: GuestChange; readonly failed: unknown };
