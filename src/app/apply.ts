import type { BackendName } from '../model/backend-name.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { messageOf, quoted, UserError } from '../model/problem.ts';
import { readHostState } from '../system/host-state.ts';
import { type Record, readRecords, recordName } from '../system/records.ts';
import { type NetworkDelta, networkDeltas } from './apply-networks.ts';
import { otherBackend } from './backend-choice.ts';
import type { Desired } from './desired.ts';
import { allLiveDomains, desireAll, findLive, type LiveGuest, lookForLife } from './live-domains.ts';
import { outside } from './network-elements.ts';
import { type Reading, readHost } from './reading.ts';
import { submitAll } from './submit.ts';
import type { Wish } from './wish.ts';

/** What a guest that runs has, against what it should have. */
export interface Delta {
  readonly guest: GuestId;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
  /** What of its policy cannot be done. */
  readonly problems: readonly string[];
  /** Undefined: the guest is to be closed. */
  readonly desired?: Desired;
}

export interface Deltas {
  /** Of all guests that were asked for. */
  readonly all: readonly Delta[];
  /** Of those that are to change, or cannot. */
  readonly changing: readonly Delta[];
  /** Of the networks that are to change. */
  readonly networks: readonly NetworkDelta[];
  /** What went wrong for no guest in particular. */
  readonly problems: readonly string[];
  readonly mark?: number;
  /** The back end in use, and the one that the configuration wants in its place. */
  readonly backend?: { readonly from: BackendName; readonly to: BackendName };
}

/** What became of one guest. */
export interface Applied {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/**
 * Compares what runs with what the configuration says by now. Looks only.
 *
 * @param names these guests, by name or UUID; none: all
 * @throws UserError if nobody knows a guest of that name
 */
export async function findDeltas(names: readonly string[]): Promise<Deltas> {
  const reading = await readHost();
  const records = readRecords();
  const life = lookForLife();
  const chosen = names.map((name) => choose(name, records));
  const live = names.length === 0 ? allLiveDomains() : chosen.flatMap(({ live }) => live ?? []);
  const gone =
    names.length === 0
      ? records.filter(({ guest }) => life.isGone(guest))
      : chosen.flatMap(({ gone }) => gone ?? []);
  const { desired, unreadable } = await desireAll(live, reading);
  const byName = new Map(records.map((record) => [recordName(record.guest), record]));
  const all = [...gone.map(closing), ...desired.map((one) => deltaOf(one, byName))];
  const backend = otherBackend(readHostState());
  // What [host] says of everybody's forwards changes with any guest's: all are looked at again.
  const elsewhere = backend !== undefined || desired.some(reachedElsewhere);
  const changing = all.filter(
    ({ added, removed, problems }) => elsewhere || added.length + removed.length + problems.length > 0,
  );
  const networks = names.length === 0 ? await networkDeltas(reading) : { changing: [], problems: [] };
  const problems = [...unreadable, ...networks.problems];
  return {
    all,
    changing,
    networks: networks.changing,
    problems,
    ...markOf(reading),
    ...(backend !== undefined && { backend }),
  };
}

/**
 * Makes it so, in one transaction: what stays is not touched, and what one guest gives up another can have.
 *
 * @returns what became of each, in their order
 */
export function applyDeltas(deltas: readonly Delta[], mark: number | undefined): Applied[] {
  const wish = (desired: Desired): Wish => ({
    kind: 'open',
    desired,
    stage: 'open',
    ...(mark !== undefined && { mark }),
  });
  const closes = deltas.flatMap((delta): Wish[] =>
    delta.desired === undefined ? [{ kind: 'close', guest: delta.guest }] : [],
  );
  const opening = deltas.flatMap(({ desired, added, removed }) =>
    desired === undefined ? [] : [{ desired, added, removed }],
  );
  const less = opening.flatMap(({ desired, added, removed }) =>
    removed.length > 0 && added.length > 0
      ? [wish({ ...desired, elements: elementsWithout(desired.elements, added) })]
      : [],
  );
  const wishes = [...closes, ...less, ...opening.map(({ desired }) => wish(desired))];
  const answers = submitAll(wishes);
  const last = new Map(wishes.map((one, index) => [nameOf(one), answers[index]]));
  return deltas.map(({ guest, desired }) => {
    const answer = last.get(recordName(guest));
    if (answer === undefined || desired === undefined) return { guest, elements: [], problems: [] };
    if ('failed' in answer) return { guest, elements: [], problems: [messageOf(answer.failed)] };
    return { guest, ...answer };
  });
}

/** Whether forwards without an address are to be reached through other interfaces than now. */
function reachedElsewhere({ networks, elements }: Desired): boolean {
  const { [outside]: had = [] } = readHostState().networks;
  const wanted = networks[outside] ?? [];
  if (elements.length === 0) return false;
  return elementsWithout(had, wanted).length + elementsWithout(wanted, had).length > 0;
}

function nameOf(wish: Wish): string {
  return recordName(wish.kind === 'open' ? wish.desired.guest : wish.guest);
}

function choose(name: string, records: readonly Record[]): { live?: LiveGuest; gone?: Record } {
  const live = findLive(name);
  if (live !== undefined) return { live };
  const gone = records.find(({ guest }) => guest.name === name || guest.uuid === name.toLowerCase());
  if (gone === undefined) throw new UserError(`no guest ${quoted(name)} runs here: see virsh list --all`);
  return { gone };
}

function closing({ guest, elements }: Record): Delta {
  return { guest, added: [], removed: elements, problems: [] };
}

function deltaOf(desired: Desired, records: ReadonlyMap<string, Record>): Delta {
  const { guest, problems } = desired;
  const had = records.get(recordName(guest))?.elements ?? [];
  if (!desired.certain) return { guest, added: [], removed: [], problems, desired };
  const added = elementsWithout(desired.elements, had);
  const removed = elementsWithout(had, desired.elements);
  return { guest, added, removed, problems, ...(!(desired.silent && problems.length === 0) && { desired }) };
}

function markOf({ configuration }: Reading): { mark?: number } {
  return configuration.hostUnknown.length === 0 ? { mark: configuration.host.mark } : {};
}
