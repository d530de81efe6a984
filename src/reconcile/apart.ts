import type { Apart, GuestChange, GuestResult } from './change.ts';

/*
 * What each event needs of `set-aside.ts`: few events meet a guest that was set aside.
 */

/**
 * Keeps guests whose elements failed before apart from the others.
 *
 * @param asked whether a person asks for it
 */
export async function apart(changes: readonly GuestChange[], asked: boolean): Promise<Apart> {
  if (changes.every(({ before }) => before?.failed === undefined))
    return { together: changes, alone: [], untried: [] };
  return (await import('./set-aside.ts')).setApart(changes, asked);
}

/** A guest that is not tried again has what it had, and its problems. */
export function asBefore(untried: readonly GuestChange[], name: string): GuestResult | undefined {
  const change = untried.find((one) => one.name === name);
  if (change?.before === undefined) return undefined;
  return { change: { ...change, adds: false }, settled: change.before };
}
