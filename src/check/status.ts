import type { GuestPart } from '../backends/backend.ts';
import type { Counter } from '../backends/inspection.ts';
import { natOf } from '../desired/network-nat.ts';
import type { Family } from '../model/address.ts';
import { type Element, familyOfElement, isFamilyElement, type NetworkElement } from '../model/element.ts';
import type { Finding } from '../model/finding.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { backendInUse, inspectionInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates } from '../reconcile/head-rules.ts';
import { partOf } from '../reconcile/kernel.ts';
import { recordedAbsence } from '../state/absence.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { tryListing } from '../system/listing.ts';
import { list } from '../system/shared-listings.ts';

export interface ElementStatus {
  readonly element: Element;
  /** Connections that met it, counted by their first packets, and the bytes of those; undefined where none are counted. */
  readonly packets?: number;
  readonly bytes?: number;
}

export interface GuestStatus extends Omit<GuestRecord, 'elements'> {
  readonly elements: readonly ElementStatus[];
}

/** The source addresses that the configuration gives a libvirt network. */
export interface NetworkStatus {
  readonly network: string;
  readonly elements: readonly NetworkElement[];
}

export interface Status {
  /** The back end that the rules are made with; undefined without rules in the kernel. */
  readonly backend?: string;
  readonly guests: readonly GuestStatus[];
  /** The networks that have such addresses. */
  readonly networks: readonly NetworkStatus[];
  /** What is dropped at public addresses of guests while these do not run. */
  readonly absent: readonly NetworkElement[];
  readonly headRules: readonly { readonly name: string; readonly inPlace: boolean }[];
  /** The parts of the kernel's rules that could not be read. */
  readonly problems: readonly Finding[];
}

/** What is open now, from the records, with the kernel's counters. */
export async function status(): Promise<Status> {
  const { counted, problems } = await readCounters();
  const records = readRecords();
  const isOpen = records.some(({ elements }) => elements.length > 0);
  const headRules = isOpen ? await headRuleStates(await backendInUse(readHostState())) : [];
  const backend = nameInUse(readHostState());
  return {
    ...(backend !== undefined && { backend }),
    guests: records.map((record) => {
      const part = partOf(record);
      const elements = record.elements.map((element) => ({ element, ...counted(part, element) }));
      return { ...record, elements };
    }),
    networks: Object.entries(readHostState().networks).flatMap(([network, elements]) => {
      const nat = natOf(elements);
      return nat.length === 0 ? [] : [{ network, elements: nat }];
    }),
    absent: recordedAbsence(),
    headRules: headRules.flatMap(({ name, needed, inPlace }) => (needed ? [{ name, inPlace }] : [])),
    problems: [...problems, ...headRules.flatMap(({ problem }) => problem ?? [])],
  };
}

interface Counted {
  readonly counted: (guest: GuestPart, element: Element) => Counter | undefined;
  /** Why counters are missing. */
  readonly problems: readonly Finding[];
}

/** The records tell what is open: counters that cannot be read are left out. */
async function readCounters(): Promise<Counted> {
  const problems: Finding[] = [];
  const inspection = await inspectionInUse(readHostState());
  const counters = new Map<Family, ReturnType<typeof inspection.counters>>();
  for (const family of recordedFamilies()) {
    try {
      const command = inspection.list(family);
      // Patiently: with thousands of forwards a listing takes seconds.
      const saved = await list(command);
      if (saved !== undefined)
        counters.set(family, inspection.counters(completeSave(saved, command, tryListing), family));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      problems.push({
        kind: 'unread',
        subject: 'kernel',
        problem: `counters of ${inspection.title(family)} are left out: ${messageOf(error)}`,
        severity: 'later',
        ...(error.failure.look !== undefined && { fix: error.failure.look }),
      });
    }
  }
  const counted: Counted['counted'] = (guest, element) =>
    isFamilyElement(element) ? counters.get(familyOfElement(element))?.(guest, element) : undefined;
  return { counted, problems };
}
