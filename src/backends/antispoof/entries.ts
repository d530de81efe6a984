import { contains, familyOf, type Network, spanOf } from '../../model/address.ts';
import type { AntispoofElement, AntispoofTable, PortTableElement } from '../../model/antispoof.ts';
import type { ConfinedElement } from '../../model/confinement.ts';
import { linkLocalOf } from '../../model/mac.ts';
import { formatPorts } from '../../model/port.ts';
import type { Entry } from '../nftables/entry.ts';
import { portTag, tagNumber } from './port-tag.ts';

/** A guest's port, or address, as entries of the sets of one of its tables (`base-ruleset.ts`). */
export function entriesOf(element: PortTableElement, table: AntispoofTable): Entry[] {
  if (element.kind === 'confined') return confinedEntries(element);
  return element.way === 'bridged' && table === 'inet' ? backToBridge(element) : atPort(element);
}

function confinedEntries({ guest, access, egress = [], opened = [] }: ConfinedElement): Entry[] {
  const suffix = familyOf(guest) === 'ip' ? '' : '6';
  if (access === 'host') return [{ set: `local_only${suffix}`, key: guest }];
  return [
    { set: `inbound${suffix}`, key: guest },
    ...egress.map(({ to, protocol, ports }) => ({
      set: `egress${suffix}`,
      key: `${guest} . ${to} . ${protocol} . ${formatPorts(ports)}`,
    })),
    ...opened.map(({ protocol, ports }) => ({
      set: `opened${suffix}`,
      key: `${guest} . ${protocol} . ${formatPorts(ports)}`,
    })),
  ];
}

/** What the host knows of a bridged port by: the bridge, and the tag of its frames. */
function backToBridge({ port, bridge, isolated }: AntispoofElement): Entry[] {
  if (bridge === undefined) return [];
  const key = `"${bridge}" . ${tagNumber(port)}`;
  return [{ set: 'tagged', key }, ...(isolated === true ? [{ set: 'tagged_isolated', key }] : [])];
}

function atPort(element: AntispoofElement): Entry[] {
  const { port, way, bridge, mac, sources, isolated, closed } = element;
  const inSet = (set: string, ...more: readonly string[]): Entry => ({
    set,
    key: [`"${port}"`, ...more].join(' . '),
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
    ...(closed === 'bridge' ? [inSet('closed')] : []),
    ...(closed === 'all' ? [inSet('silent')] : []),
    ...(bridge === undefined ? [] : [{ ...inSet('tags'), value: portTag(port) }]),
  ];
}

/** What a port may send from: with an address of IPv6 also from the link-local one, which neighbour discovery begins with. */
export function allowed({ sources = [], mac }: AntispoofElement): readonly Network[] {
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
