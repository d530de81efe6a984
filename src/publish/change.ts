import type { DomainState } from '../libvirt/domain-metadata.ts';
import type { GuestId } from '../model/guest.ts';

/** A text that will say something else. */
export type Change =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Undefined: there is no such file yet. */
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

/** What a request comes to. */
export interface Planned {
  /** What is so already. */
  readonly notes: readonly string[];
  /** What stands in its way: with a problem there is no change. */
  readonly problems: readonly string[];
  readonly change?: Change;
}
