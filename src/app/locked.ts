import { LockHeld, leaveUnfinished, takeUnfinished, withLock } from '../system/lock.ts';
import { type Record, writeRecord } from '../system/records.ts';
import { rebuild } from './rebuild.ts';

/** With the lock held: does something, and then what others had no time to wait for. */
export function locked<T>(action: () => T): T {
  return withLock(() => {
    const result = action();
    if (takeUnfinished()) rebuild('finishing what others could not wait for');
    return result;
  });
}

/**
 * The same for one guest's record: where hundreds start at once on a slow host, the lock may not come in time.
 * The wish is left in the record then, for whoever has the lock.
 *
 * @param wish the record as it should be
 * @throws LockHeld if it was left to others
 */
export function lockedOrLeft<T>(action: () => T, wish: () => Record): T {
  try {
    return locked(action);
  } catch (error) {
    if (error instanceof LockHeld) {
      writeRecord({ ...wish(), pending: true });
      leaveUnfinished();
    }
    throw error;
  }
}
