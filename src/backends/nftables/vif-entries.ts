import { contains, familyOf, type Network, spanOf } from '../../model/address.ts';
import { linkLocalOf } from '../../model/mac.ts';
import { type VifElement, vifTableOf } from '../../model/vif.ts';
import type { Entry } from './entry.ts';

/** A guest's port as entries of the sets of `port-base-ruleset.ts`. */
export function vifEntries(element: VifElement): Entry[] {
  const { port, way, mac, sources, isolated } = element;
  const family = vifTableOf(element);
  const key = `"${port}"`;
  const inSet = (set: string, ...more: readonly string[]): Entry => ({
    family,
    set,
    key: [key, ...more].join(' . '),
  });
  const bridged = way === 'bridged';
  return [
    inSet('vifs'),
    ...(sources === undefined ? [] : [inSet('checked')]),
    ...(bridged && sources !== undefined && mac !== undefined ? [inSet('fixed'), inSet('macs', mac)] : []),
    ...allowed(element).flatMap((network) => {
      if (familyOf(network) === 'ip') return inSet('sources', network);
      return [inSet('sources6', network), ...(bridged ? [inSet('targets', target(network))] : [])];
    }),
    ...(isolated === true ? [inSet('isolated')] : []),
  ];
}

/** Who has an address of IPv6 also has the link-local one that neighbour discovery begins with. */
export function allowed({ sources = [], mac }: VifElement): readonly Network[] {
  const withIp6 = sources.some((network) => familyOf(network) === 'ip6');
  if (mac === undefined || !withIp6) return sources;
  const own = linkLocalOf(mac);
  return sources.some((network) => contains(network, own)) ? sources : [...sources, `${own}/128`];
}

/** As `target()` writes it: nft shows small numbers in decimal. */
export function normalTarget(key: string): string {
  const [port = '', numbers = ''] = key.split(' . ');
  return `${port} . ${numbers.split('-').map(BigInt).map(hexOf).join('-')}`;
}

function hexOf(bits: bigint): string {
  return `0x${bits.toString(16).padStart(32, '0')}`;
}

/** nft has no name for the target of neighbour discovery before 1.0.9: it is 128 bits of the packet, a number. */
function target(network: Network): string {
  const [first, last] = spanOf(network).map(hexOf);
  return first === last ? `${first}` : `${first}-${last}`;
}
