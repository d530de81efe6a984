import type { NoRoute, Route } from './host-facts.ts';
import type { Walked } from './walk.ts';

/** As a person reads it. */
export function describeRoute(route: Route): string {
  switch (route.kind) {
    case 'local':
      return 'this host itself';
    case 'out':
      return `out through ${route.interface}`;
    case 'none':
      return reasons[route.why];
  }
}

const reasons: Readonly<Record<NoRoute, string>> = {
  forwarding: 'forwarding is off in the kernel (sysctl net.ipv4.ip_forward, net.ipv6.conf.all.forwarding)',
  'rp-filter': 'rp_filter of the interface that it arrives on drops this source',
  'no-route': 'no route',
};

/** The result of a chain, in words. */
export function resultOf({ verdict, by, stops }: Walked): string {
  if (verdict === 'translated') return `translated ${stops.at(-1)?.did ?? ''}`;
  return by === undefined ? `${verdict} (by default: no rule matched)` : verdict;
}
