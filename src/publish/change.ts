import type { DomainState } from '../libvirt/domain-metadata.ts';
import type { GuestId } from '../model/guest.ts';

/** A new text of a file, or of the metadata of a guest. */
export type Change =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Undefined: the file does not exist yet. */
      readonly before: string | undefined;
      readonly after: string;
    }
  | {
      readonly kind: 'metadata';
      readonly guest: GuestId;
      readonly uuid: string;
      readonly states: readonly DomainState[];
      readonly before: string | undefined;
      readonly after: string;
    };

/** The result of a request, before anything is written. */
export interface Planned {
  /** What is already as requested. */
  readonly notes: readonly string[];
  /** Why it is refused: with a problem, there is no change. */
  readonly problems: readonly string[];
  readonly change?: Change;
}

export function refused(problems: readonly string[]): Planned {
  return { notes: [], problems };
}
