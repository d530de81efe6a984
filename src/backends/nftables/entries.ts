import type { Claim } from '../../model/claim.ts';
import type {
  FamilyElement,
  ForwardElement,
  MasqueradeElement,
  OpenElement,
  OpenSourceFilterElement,
} from '../../model/element.ts';
import { isPortClaim } from '../../model/element-claims.ts';
import { isAny } from '../../model/host-address.ts';
import { formatPorts } from '../../model/port.ts';
import type { Entry } from './entry.ts';
import { limitEntry } from './limits.ts';

/** An element as entries of the sets and maps of its family's table. All parts are addresses, numbers and checked names. */
export function entriesOf(element: FamilyElement): Entry[] {
  switch (element.kind) {
    case 'forward':
      return [...forwardEntries(element), { set: 'answering', key: element.guest }];
    case 'one-to-one':
      return [
        { set: 'public', key: element.host, value: element.guest },
        { set: 'answering', key: element.guest },
      ];
    case 'source-nat': {
      const key = `${element.guest} . "${element.interface}"`;
      return [
        { set: element.shared ? 'shared_nat' : 'source_nat', key, value: element.address },
        { set: 'outgoing', key },
        { set: 'leaving', key: element.guest },
      ];
    }
    case 'source-filter':
      return sourceFilterEntries(element.claim, element.from);
    case 'denied':
      return element.from.map((network) => ({ set: 'denied', key: `${network} . ${element.guest}` }));
    case 'open':
    case 'open-source-filter':
      return openEntries(element);
    case 'rate-limit':
    case 'connection-limit':
      return [limitEntry(element)];
    case 'masquerade':
      return [masqueradeEntry(element)];
    case 'roaming':
      return [{ set: 'roaming', key: element.guest }];
    case 'inside':
      return innerEntries(element.interface);
    case 'hairpin':
      return innerEntries(element.bridge, element.uplink);
    case 'gateway':
      return [{ set: 'gateways', key: element.address }];
    case 'restricted':
      return [{ set: 'restricted', key: 'local' }];
    case 'outside':
      return [{ set: 'outside', key: `"${element.interface}"` }];
    case 'network-nat': {
      const key = `${element.network} . "${element.interface}"`;
      return [{ set: 'network_nat', key, value: element.address }];
    }
    case 'routed':
      return [{ set: 'routed', key: wayOf(element) }];
    case 'network-masquerade':
      return [{ set: 'networks_masqueraded', key: wayOf(element) }];
    case 'service': {
      const { bridge, protocol, ports } = element;
      return [{ set: 'services', key: `"${bridge}" . ${protocol} . ${formatPorts(ports)}` }];
    }
    case 'absent':
      return [{ set: 'absent', key: element.address }];
  }
}

/** A network, the interface that its guests come by, and the one that they leave through. */
function wayOf({
  network,
  bridge,
  interface: name,
}: Record<'network' | 'bridge' | 'interface', string>): string {
  return `${network} . "${bridge}" . "${name}"`;
}

/**
 * One port: an exact key. Many that keep their numbers: one interval. Many that are shifted: an exact key
 * each, since `dnat to address:first-last` would send all of them to one port.
 */
function forwardEntries({ host, protocol, ports, guest, to }: ForwardElement): Entry[] {
  const suffix = isAny(host) ? '_any' : '';
  const prefix = isAny(host) ? '' : `${host} . `;
  if (ports.first !== ports.last && ports.first === to) {
    return [{ set: `range${suffix}`, key: `${prefix}${protocol} . ${formatPorts(ports)}`, value: guest }];
  }
  const entries: Entry[] = [];
  for (let port = ports.first; port <= ports.last; port++) {
    const value = `${guest} . ${to + port - ports.first}`;
    entries.push({ set: `forward${suffix}`, key: `${prefix}${protocol} . ${port}`, value });
  }
  return entries;
}

function sourceFilterEntries(claim: Claim, from: readonly string[]): Entry[] {
  if (!isPortClaim(claim)) {
    return [
      { set: 'filtered_public', key: claim.host },
      ...from.map((network) => ({ set: 'sources_public', key: `${network} . ${claim.host}` })),
    ];
  }
  const suffix = isAny(claim.host) ? '_any' : '';
  const target = `${isAny(claim.host) ? '' : `${claim.host} . `}${claim.protocol} . ${formatPorts(claim.ports)}`;
  return [
    { set: `filtered${suffix}`, key: target },
    ...from.map((network) => ({ set: `sources${suffix}`, key: `${network} . ${target}` })),
  ];
}

/** @param uplink whether packets from outside come by it, too, with sources that may be routed another way */
function innerEntries(name: string, uplink = false): Entry[] {
  const hairpin = { set: 'hairpin', key: `"${name}" . "${name}"` };
  return uplink ? [hairpin] : [hairpin, { set: 'inner', key: `"${name}"` }];
}

/** By where the connection was addressed to, and by the guest: another guest may have the same port of another address. */
function masqueradeEntry({ claim, guest }: MasqueradeElement): Entry {
  if (!isPortClaim(claim)) return { set: 'masqueraded_public', key: `${claim.host} . ${guest}` };
  const target = `${claim.protocol} . ${formatPorts(claim.ports)} . ${guest}`;
  return isAny(claim.host)
    ? { set: 'masqueraded_any', key: target }
    : { set: 'masqueraded', key: `${claim.host} . ${target}` };
}

function openEntries(element: OpenElement | OpenSourceFilterElement): Entry[] {
  const { guest, protocol, ports } = element;
  const target = `${guest} . ${protocol} . ${formatPorts(ports)}`;
  if (element.kind === 'open')
    return [
      { set: ports.first === ports.last ? 'open' : 'open_range', key: target },
      { set: 'answering', key: guest },
    ];
  return [
    { set: 'filtered_open', key: target },
    ...element.from.map((network) => ({ set: 'sources_open', key: `${network} . ${target}` })),
  ];
}
