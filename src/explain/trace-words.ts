import type { Route } from './host-facts.ts';
import type { Walked } from './walk.ts';

/** As a person reads it. */
export function describeRoute(route: Route): string {
  switch (route.kind) {
    case 'local':
      return 'this host itself';
    case 'out':
      return `out through ${route.interface}`;
    case 'none':
      return 'no route (or rp_filter drops this source on that interface)';
  }
}

/** The result of a chain, in words. */
export function resultOf({ verdict, by, stops }: Walked): string {
  if (verdict === 'translated') return `translated ${stops.at(-1)?.did ?? ''}`;
  return by === undefined ? `${verdict} (by default: no rule matched)` : verdict;
}
