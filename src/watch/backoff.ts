/** How often things had to be mended lately. All times in milliseconds of one clock. */
export interface Backoff {
  /** When, at most the last five times. */
  readonly repaired: readonly number[];
  /** How long to wait before the next time; 0: not at all. */
  readonly wait: number;
}

export const noBackoff: Backoff = { repaired: [], wait: 0 };

/** So many repairs within so long mean that somebody works against us. */
const often = { times: 5, within: 20_000 };

/** How long a repair waits then: at first, and at most. It doubles each time. */
const waits = { first: 1000, longest: 60_000 };

/** The pace after one more repair. What held for longer than that beyond its wait begins anew. */
export function afterRepair({ repaired, wait }: Backoff, now: number): Backoff {
  const goesOn = wait > 0 && now - (repaired.at(-1) ?? 0) < often.within + wait;
  if (goesOn) return { repaired: [now], wait: Math.min(wait * 2, waits.longest) };
  const lately = [...repaired.filter((time) => now - time < often.within), now];
  return { repaired: lately, wait: lately.length < often.times ? 0 : waits.first };
}

/** How long it is until the next repair may come. */
export function timeToWait({ repaired, wait }: Backoff, now: number): number {
  const last = repaired.at(-1);
  return last === undefined ? 0 : Math.max(0, last + wait - now);
}
