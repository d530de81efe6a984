import type { GuestPart } from '../backends/backend.ts';
import type { Counter } from '../backends/inspection.ts';
import { ofPolicy } from '../desired/network-nat.ts';
import { lookForLife } from '../desired/running-guests.ts';
import type { Family } from '../model/address.ts';
import { type Element, familyOfElement, isFamilyElement } from '../model/element.ts';
import type { Finding } from '../model/finding.ts';
import type { Flow } from '../model/flow.ts';
import { guestDrivers, isGuestDriver, recordName } from '../model/guest.ts';
import { isNamedBy, parseGuestKey } from '../model/guest-keys.ts';
import type { NetworkElement } from '../model/network-element.ts';
import { CommandError, messageOf, quoted, UserError } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { backendInUse, inspectionInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates } from '../reconcile/head-rules.ts';
import { partOf } from '../reconcile/kernel.ts';
import { hasAdmittingNetworks } from '../reconcile/standing-rules.ts';
import { recordedAbsence } from '../state/absence.ts';
import { type HookEvent, readHookEvents } from '../state/hook-events.ts';
import { type HostState, nameInUse, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { readFlows } from '../system/flows.ts';
import { tryListing } from '../system/listing.ts';
import { readSetCounters } from '../system/netlink-counters.ts';
import { list } from '../system/shared-listings.ts';
import { flowsByElement } from './element-flows.ts';
import { inNaturalOrder } from './natural-order.ts';

export interface ElementStatus {
  readonly element: Element;
  /** Connections that met it, counted by their first packets, and the bytes of those; undefined where none are counted. */
  readonly packets?: number;
  readonly bytes?: number;
  /** Its connections now; undefined where it has none of its own, or the kernel could not be asked. */
  readonly connectionsNow?: number;
  /** What these have carried; undefined without `net.netfilter.nf_conntrack_acct`. */
  readonly bytesNow?: number;
}

/** `unknown`: neither libvirt's nor Xen's files are there to say it. */
export type GuestState = 'running' | 'ended' | 'unknown';

/** A hook call. */
export type LastEvent = Pick<HookEvent, 'number' | 'at' | 'operation' | 'level'>;

export interface GuestStatus extends Omit<GuestRecord, 'elements'> {
  readonly state: GuestState;
  readonly elements: readonly ElementStatus[];
  /** The last of its hook calls that is still known. */
  readonly lastEvent?: LastEvent;
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

/**
 * What is open now, from the records, with the kernel's counters and connections.
 *
 * @param names names, UUIDs, or drivers and names: only these are looked for, and networks are left out
 * @throws UserError if none has such a name
 */
export async function status(names: readonly string[] = []): Promise<Status> {
  const records = names.length === 0 ? inNaturalOrder(readRecords()) : names.flatMap(recordsNamed);
  const state = readHostState();
  const { counted, problems } = await readCounters(records, names.length > 0);
  const isOpen = records.some(({ elements }) => elements.length > 0);
  const hasHeadRules = isOpen || hasAdmittingNetworks(state.networks);
  const headRules = hasHeadRules ? await headRuleStates(await backendInUse(state)) : [];
  const backend = nameInUse(state);
  const flowsOf = flowsByElement(isOpen ? readOwnFlows(state) : []);
  const { isLive, isGone } = lookForLife();
  const lastEvents = lastEventOfGuests();
  return {
    ...(backend !== undefined && { backend }),
    guests: records.map((record) => {
      const part = partOf(record);
      const elements = record.elements.map((element) => {
        const now = flowsOf(element);
        return {
          element,
          ...counted(part, element),
          ...(now !== undefined && { connectionsNow: now.connections }),
          ...(now?.bytes !== undefined && { bytesNow: now.bytes }),
        };
      });
      const lastEvent = lastEvents.get(recordName(record.guest));
      return {
        ...record,
        state: isLive(record.guest) ? 'running' : isGone(record.guest) ? 'ended' : 'unknown',
        elements,
        ...(lastEvent !== undefined && { lastEvent }),
      };
    }),
    networks:
      names.length > 0
        ? []
        : Object.entries(state.networks).flatMap(([network, elements]) => {
            const nat = ofPolicy(elements);
            return nat.length === 0 ? [] : [{ network, elements: nat }];
          }),
    absent: names.length > 0 ? [] : recordedAbsence(),
    headRules: headRules.flatMap(({ name, needed, inPlace }) => (needed ? [{ name, inPlace }] : [])),
    problems: [...problems, ...headRules.flatMap(({ problem }) => problem ?? [])],
  };
}

/** Reads only the records that a name can mean; for a UUID, all. */
function recordsNamed(key: string): GuestRecord[] {
  const wanted = parseGuestKey(key);
  const found =
    'name' in wanted
      ? guestDrivers
          .flatMap((driver) => readRecord(recordName({ driver, name: wanted.name })) ?? [])
          .filter(({ guest }) => isNamedBy(key, guest))
      : readRecords().filter(({ guest }) => isNamedBy(key, guest));
  if (found.length > 0) return found;
  const plan = `guestgate plan ${shellWord(key)}`;
  throw new UserError(
    `reading the status: no running guest ${quoted(key)} has a policy (to see what its start would do, run: ${plan})`,
  );
}

function readOwnFlows({ mark }: HostState): Flow[] {
  return recordedFamilies().flatMap((family) => readFlows(family, () => true, mark) ?? []);
}

/** By the names of records. */
function lastEventOfGuests(): Map<string, LastEvent> {
  return new Map(
    readHookEvents().events.flatMap(({ hook, object: name, number, at, operation, level }) => {
      const driver = hook === 'vif' ? 'libxl' : hook;
      return isGuestDriver(driver) ? [[recordName({ driver, name }), { number, at, operation, level }]] : [];
    }),
  );
}

/** Of more elements than these, looking up each counter takes less time than nft takes to list all. */
const many = 2000;

interface Counted {
  readonly counted: (guest: GuestPart, element: Element) => Counter | undefined;
  /** Why counters are missing. */
  readonly problems: readonly Finding[];
}

/** The records tell what is open: counters that cannot be read are left out. */
async function readCounters(records: readonly GuestRecord[], some: boolean): Promise<Counted> {
  const elements = records.flatMap((record) => partOf(record).elements);
  const lookUp = some || elements.length > many;
  const problems: Finding[] = [];
  const inspection = await inspectionInUse(readHostState());
  const counters = new Map<Family, ReturnType<typeof inspection.counters>>();
  for (const family of recordedFamilies()) {
    try {
      const few = lookUp ? inspection.someCounters?.(elements, family) : undefined;
      const found = few && readSetCounters(family, few.table, few.keys);
      if (few !== undefined && found !== undefined) {
        counters.set(family, few.counters(found));
        continue;
      }
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
