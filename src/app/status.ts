import { asListed, entriesOf } from '../backends/nftables/entries.ts';
import { type ListedEntry, listTable, parseListing } from '../backends/nftables/listing.ts';
import { type Element, familyOfElement, type NetworkElement } from '../model/element.ts';
import { type Record, readHostState, readRecords, recordedFamilies } from '../system/records.ts';
import { tryRun } from '../system/run.ts';
import { anchorStates } from './anchors.ts';
import { natOf, withNat } from './network-nat.ts';

export interface ElementStatus {
  readonly element: Element;
  /** Connections that met it, counted by their first packets, and the bytes of those; undefined where none are counted. */
  readonly packets?: number;
  readonly bytes?: number;
}

export interface GuestStatus extends Omit<Record, 'elements'> {
  readonly elements: readonly ElementStatus[];
}

/** What the configuration gives a libvirt network: the addresses that its guests leave with. */
export interface NetworkStatus {
  readonly network: string;
  readonly elements: readonly NetworkElement[];
}

export interface Status {
  readonly guests: readonly GuestStatus[];
  /** Those that something is given to. */
  readonly networks: readonly NetworkStatus[];
  readonly anchors: readonly { readonly name: string; readonly first: boolean }[];
}

/** What is open now, from the records, with the kernel's counters. */
export function status(): Status {
  const counters = readCounters();
  return {
    guests: readRecords().map((record) => ({
      ...record,
      elements: record.elements.map((element) => ({ element, ...counted(element, counters) })),
    })),
    networks: Object.entries(withNat(readHostState().networks)).map(([network, elements]) => ({
      network,
      elements: natOf(elements),
    })),
    anchors: anchorStates().flatMap(({ name, needed, first }) => (needed ? [{ name, first }] : [])),
  };
}

function readCounters(): Map<string, ListedEntry> {
  const counters = new Map<string, ListedEntry>();
  for (const family of recordedFamilies()) {
    const text = tryRun(listTable(family));
    for (const entry of text === undefined ? [] : parseListing(text).entries)
      counters.set(`${family} ${entry.set} ${entry.key}`, entry);
  }
  return counters;
}

function counted(element: Element, counters: Map<string, ListedEntry>): { packets?: number; bytes?: number } {
  const entries = entriesOf(element).map(asListed);
  const family = familyOfElement(element);
  const found = entries.flatMap(({ set, key }) => counters.get(`${family} ${set} ${key}`) ?? []);
  if (!found.some(({ packets }) => packets !== undefined)) return {};
  return {
    packets: found.reduce((sum, { packets = 0 }) => sum + packets, 0),
    bytes: found.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}
