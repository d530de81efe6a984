import fc from 'fast-check';
import { lifeOf } from './arbitraries.ts';
import type { Life } from './event.ts';
import type { ModelBackend } from './host.ts';
import { type Ended, live } from './life.ts';

export interface Search {
  readonly seed: number;
  readonly backend: ModelBackend;
  readonly guests: number;
  readonly until: { readonly events: number; readonly milliseconds: number };
  /** How many shorter lives are tried, at most. */
  readonly shorter: number;
  readonly say: (line: string) => void;
  /** A life that fails: the first, then shorter ones. */
  readonly keep: (failure: Failure) => void;
}

export type Failure = Ended & { readonly life: Life };

export interface Found {
  readonly events: number;
  readonly lives: number;
  /** The shortest life that ends other than the model says. */
  readonly failure?: Failure | undefined;
}

/** How many events a life has, at most about. */
const length = 60;
/** Random lives, one after the other; the first that fails is made shorter. */
export async function search({ seed, backend, guests, until, shorter, say, keep }: Search): Promise<Found> {
  const end = performance.now() + until.milliseconds;
  let [events, lives, tried] = [0, 0, 0];
  let failure: Found['failure'];
  const property = fc.asyncProperty(lifeOf(guests, length), async (life) => {
    if (failure === undefined && (events >= until.events || performance.now() > end)) return;
    if (failure !== undefined && ++tried > shorter) return;
    const ended = await live(life, backend).catch((error: unknown) => {
      say(`life ${lives + 1} could not be led: ${error instanceof Error ? error.stack : String(error)}`);
      throw error;
    });
    if (failure === undefined) {
      events += ended.events;
      lives += 1;
      say(`life ${lives}: ${ended.events} events, ${events} so far`);
    }
    if (ended.differences.length === 0) return;
    if (failure === undefined) say(`life ${lives} differs:\n${ended.differences.join('\n')}`);
    failure = { ...ended, life };
    keep(failure);
    throw new Error(ended.differences.join('\n'));
  });
  // As many lives as are needed: those after the end do nothing.
  const limit = Number.isFinite(until.events) ? until.events : 1_000_000;
  const { errorInstance } = await fc.check(property, { seed, numRuns: limit });
  // A life that could not be led says nothing about guestgate.
  if (failure === undefined && errorInstance !== undefined && errorInstance !== null) throw errorInstance;
  return { events, lives, failure };
}
