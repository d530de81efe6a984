import { asListed, entriesOf } from '../backends/nftables/entries.ts';
import { type ListedEntry, listTable, parseListing } from '../backends/nftables/listing.ts';
import { type Element, familyOfElement } from '../model/element.ts';
import { type Record, readRecords, recordedFamilies } from '../system/records.ts';
import { tryRun } from '../system/run.ts';
import { anchorStates } from './anchors.ts';

export interface ElementStatus {
  readonly element: Element;
  /** Connections that met it, counted by their first packets, and the bytes of those; undefined where none are counted. */
  readonly packets?: number;
  readonly bytes?: number;
}

export interface GuestStatus extends Omit<Record, 'elements'> {
  readonly elements: readonly ElementStatus[];
}

export interface Status {
  readonly guests: readonly GuestStatus[];
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
