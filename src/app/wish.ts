import type { BackendName } from '../model/backend-name.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import type { Desired } from './desired.ts';

/** What an event wants of the kernel: handed to whoever has the lock. */
export type Wish =
  | {
      readonly kind: 'open';
      readonly desired: Desired;
      /** The bit of `ct mark`; none: as before, the configuration does not tell. */
      readonly mark?: number;
      /** The back end that the configuration wants; none: as before. */
      readonly backend?: BackendName;
      /** `guard`: only what restricts, before the guest runs; `open`: all of it. */
      readonly stage: 'guard' | 'open';
    }
  | { readonly kind: 'close'; readonly guest: GuestId };

/** What became of it. */
export interface Converged {
  /** What the guest has now; of a guest that was closed, what it had. */
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

export function guestOf(wish: Wish): GuestId {
  return wish.kind === 'open' ? wish.desired.guest : wish.guest;
}
