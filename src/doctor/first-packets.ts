import type { Family } from '../model/address.ts';
import { type ForwardElement, familyOfElement } from '../model/element.ts';
import { formatHost } from '../model/host-address.ts';
import { formatPorts } from '../model/port.ts';
import { quoted } from '../model/problem.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { inspectionInUse } from '../reconcile/backend-choice.ts';
import { partOf } from '../reconcile/kernel.ts';
import { readHostState } from '../state/host-state.ts';
import { tryListing } from '../system/listing.ts';
import type { DoctorContext } from './check.ts';

/** A forward, and how many first packets of connections it has translated. */
export interface CountedForward {
  readonly guest: string;
  readonly element: ForwardElement;
  readonly packets: number;
}

/** How many forwards a note names. */
const shown = 3;

/**
 * Where nothing on the host is in the way and a forward has seen no packet, what keeps clients out is in front of this host. Pure.
 *
 * @returns notes, which are no findings: it may be that no client has tried
 */
export function noteUnused(forwards: readonly CountedForward[]): string[] {
  const unused = forwards.filter(({ packets }) => packets === 0);
  if (unused.length === 0) return [];
  const named = unused.slice(0, shown).map(describe);
  const more = unused.length > shown ? ` and ${unused.length - shown} more` : '';
  return [
    `no packet has arrived yet for ${named.join(', ')}${more}: if clients have tried, look in front of this host, at the firewall of the provider or of a router`,
  ];
}

function describe({ guest, element: { host, ports, protocol } }: CountedForward): string {
  return `${formatHost(host)}:${formatPorts(ports)}/${protocol} of guest ${quoted(guest)}`;
}

/** The forwards whose packets are counted. Uses what other checks have listed. */
export async function countForwards({
  records,
  listings,
}: Pick<DoctorContext, 'records' | 'listings'>): Promise<CountedForward[]> {
  const inspection = await inspectionInUse(readHostState());
  const counters = new Map<Family, ReturnType<typeof inspection.counters>>();
  const families = new Set(records.flatMap(({ elements }) => elements.map(familyOfElement)));
  for (const family of families) {
    const command = inspection.list(family);
    const text = await listings.list(command);
    if (text !== undefined)
      counters.set(family, inspection.counters(completeSave(text, command, tryListing), family));
  }
  return records.flatMap((record) => {
    const part = partOf(record);
    return record.elements.flatMap((element): CountedForward[] => {
      if (element.kind !== 'forward') return [];
      const counted = counters.get(familyOfElement(element))?.(part, element);
      return counted === undefined ? [] : [{ guest: record.guest.name, element, packets: counted.packets }];
    });
  });
}
