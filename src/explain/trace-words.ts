import type { Route } from './host-facts.ts';
import type { Walked } from './walk.ts';

/** As a person reads it. */
export function describeRoute(route: Route): string {
  switch (route.kind) {
    case 'local':
      return 'this host itself';
    case 'out':
      return `out by ${route.interface}`;
    case 'none':
      return 'no way there (no route, or rp_filter does not let this source come by that interface)';
  }
}

/** The result of a chain, in words. */
export function resultOf({ verdict, by, stops }: Walked): string {
  if (verdict === 'translated') return `translated ${stops.at(-1)?.did ?? ''}`;
  return by === undefined ? `${verdict} (nothing in it said otherwise)` : verdict;
}
