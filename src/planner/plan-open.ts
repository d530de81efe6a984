import { type Address, type Family, familyOf } from '../model/address.ts';
import type { FamilyElement } from '../model/element.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { GuestPolicy, OpenPort } from '../model/policy.ts';
import { limits } from './limits.ts';
import { Overlaps } from './overlaps.ts';
import { within } from './source-filters.ts';

/**
 * The ports of the guest's own addresses that are admitted without translation, and the sources that may use them.
 *
 * @param known the guest's addresses of this family: open ports without an address hold at all of them
 * @param has whether the guest can have an address that an open port names
 */
export function planOpen(
  { open = [], allowFrom }: GuestPolicy,
  family: Family,
  known: readonly Address[],
  has: (address: Address) => boolean,
  problems: Fault[],
): FamilyElement[] {
  const named = open.flatMap(({ address }) =>
    address !== undefined && familyOf(address) === family && has(address) ? [address] : [],
  );
  return [...new Set([...known, ...named])].flatMap((guest) => {
    const here = open.filter(({ address }) =>
      address === undefined ? known.includes(guest) : address === guest,
    );
    return withoutRepetition(guest, here, problems).flatMap((one) => openAt(guest, one, allowFrom));
  });
}

function openAt(
  guest: Address,
  { protocol, ports, from, ...limited }: OpenPort,
  allowFrom: GuestPolicy['allowFrom'],
): FamilyElement[] {
  const sources = from ?? allowFrom;
  return [
    ...(sources === undefined
      ? []
      : [
          {
            kind: 'open-source-filter' as const,
            guest,
            protocol,
            ports,
            from: within(sources, familyOf(guest)),
          },
        ]),
    ...limits({ guest, protocol, ports }, limited),
    { kind: 'open' as const, guest, protocol, ports },
  ];
}

/** A set cannot hold two ranges that overlap: the first one counts. */
function withoutRepetition(guest: Address, openPorts: readonly OpenPort[], problems: Fault[]): OpenPort[] {
  const overlaps = new Overlaps<OpenPort>();
  return openPorts.filter((openPort) => {
    const { protocol, ports } = openPort;
    const other = overlaps.first({ host: guest, protocol, ports });
    if (other === undefined) overlaps.add({ host: guest, protocol, ports }, openPort);
    else if (other.text !== openPort.text)
      problems.push(policyFault(`open ${openPort.text} repeats ports of ${other.text}`));
    return other === undefined;
  });
}
