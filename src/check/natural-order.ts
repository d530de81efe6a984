import type { Guest } from '../model/guest.ts';

/** By name as a person counts: `web2` before `web10`; guests of one name by their drivers. */
export function inNaturalOrder<Of extends { readonly guest: Pick<Guest, 'name' | 'driver'> }>(
  all: readonly Of[],
): Of[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...all].sort(
    ({ guest: a }, { guest: b }) => compare(a.name, b.name) || compare(a.driver, b.driver),
  );
}
