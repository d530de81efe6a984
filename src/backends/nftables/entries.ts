import { type Claim, type Element, type ForwardElement, isPortClaim } from '../../model/element.ts';
import { formatPorts } from '../../model/port.ts';

/** An entry of one of the skeleton's sets (no value) or maps. */
export interface Entry {
  readonly set: string;
  readonly key: string;
  readonly value?: string;
}

/** An element as entries of the skeleton's sets and maps. All parts are addresses, numbers and checked names. */
export function entriesOf(element: Element): Entry[] {
  switch (element.kind) {
    case 'forward':
      return forwardEntries(element);
    case 'one-to-one':
      return [{ set: 'public', key: element.host, value: element.guest }];
    case 'source-nat': {
      const key = `${element.guest} . "${element.interface}"`;
      return [
        { set: 'source_nat', key, value: element.address },
        { set: 'outgoing', key },
      ];
    }
    case 'guard':
      return guardEntries(element.claim, element.from);
    case 'hairpin':
      return [{ set: 'hairpin', key: `"${element.bridge}" . "${element.bridge}"` }];
    case 'gateway':
      return [{ set: 'gateways', key: element.address }];
  }
}

/**
 * One port: an exact key. Many that keep their numbers: one interval. Many that are shifted: an exact key
 * each, since `dnat to address:first-last` would send all of them to one port.
 */
function forwardEntries({ host, protocol, ports, guest, to }: ForwardElement): Entry[] {
  const suffix = host === 'any' ? '_any' : '';
  const prefix = host === 'any' ? '' : `${host} . `;
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

function guardEntries(claim: Claim, from: readonly string[]): Entry[] {
  if (!isPortClaim(claim)) {
    return [
      { set: 'guarded_public', key: claim.host },
      ...from.map((network) => ({ set: 'sources_public', key: `${network} . ${claim.host}` })),
    ];
  }
  const suffix = claim.host === 'any' ? '_any' : '';
  const target = `${claim.host === 'any' ? '' : `${claim.host} . `}${claim.protocol} . ${formatPorts(claim.ports)}`;
  return [
    { set: `guarded${suffix}`, key: target },
    ...from.map((network) => ({ set: `sources${suffix}`, key: `${network} . ${target}` })),
  ];
}

/** An entry of ours as the kernel would tell it: names without quotes, single hosts without their /32. */
export function asListed({ set, key, value }: Entry): Entry {
  const plain = key.replaceAll('"', '').replaceAll(/\/32\b/g, '');
  return { set, key: plain, ...(value !== undefined && { value }) };
}
