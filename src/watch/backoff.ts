/** How often rules had to be repaired lately. All times in milliseconds of one clock. */
export interface Backoff {
  /** The times of the last repairs, five at most. */
  readonly repaired: readonly number[];
  /** How long to wait before the next repair; 0: no wait. */
  readonly wait: number;
}

export const noBackoff: Backoff = { repaired: [], wait: 0 };

/** So many repairs within so long mean that another program reverts the rules. */
const often = { times: 5, within: 20_000 };

/** How long a repair waits then: at first, and at most. It doubles each time. */
const waits = { first: 1000, longest: 60_000 };

/**
 * The backoff after one more repair. It starts again when the rules have held for longer than the wait and that time.
 *
 * @param longest how long to wait at most
 */
export function afterRepair({ repaired, wait }: Backoff, now: number, longest = waits.longest): Backoff {
  const continues = wait > 0 && now - (repaired.at(-1) ?? 0) < often.within + wait;
  if (continues) return { repaired: [now], wait: Math.min(wait * 2, longest) };
  const lately = [...repaired.filter((time) => now - time < often.within), now];
  return { repaired: lately, wait: lately.length < often.times ? 0 : waits.first };
}

/** How long it is until the next repair may come. */
export function timeToWait({ repaired, wait }: Backoff, now: number): number {
  const last = repaired.at(-1);
  return last === undefined ? 0 : Math.max(0, last + wait - now);
}
