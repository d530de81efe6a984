import { type Claim, claimOf, type Element, familiesOf } from '../model/element.ts';
import { messageOf } from '../model/problem.ts';
import { replaceClaims } from '../system/claims.ts';
import { type HostState, type Record, recordName, writeHostState, writeRecord } from '../system/records.ts';
import { runTogether } from '../system/run-together.ts';
import { type Look, places } from './anchors.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { disagrees, transactionOf } from './kernel.ts';
import { rebuild } from './rebuild.ts';
import { tolerate } from './tolerate.ts';

/** The host's state before and after: networks that were not known yet, another mark. */
export interface HostChange {
  readonly recorded: HostState;
  readonly wanted: HostState & { readonly mark: number };
}

/**
 * Record, kernel, record: killed between any two of them, or failed, the record is found pending, and the next
 * event or replay makes the kernel from the records. To be called with the lock held.
 *
 * @param doing for messages: `adding rules for guest "web"`
 * @param lookToo whether the foreign chains are to be looked at on the way
 * @returns the record as it is now: the kernel may have refused what it was given; and how the chains looked
 */
export function change(
  before: Record | undefined,
  wanted: Record,
  host: HostChange,
  doing: string,
  lookToo = false,
): { record: Record; look?: Look } {
  const [after = wanted] = wanted.elements.length > 0 ? withHairpinPorts([wanted]) : [];
  const name = recordName(after.guest);
  const had = claimsOf(before?.elements ?? []);
  const has = claimsOf(after.elements);
  const note = after.elements.length > 0 ? (action: () => void) => action() : tolerate;
  note(() => announce(after, had, host));
  let result: Transacted;
  try {
    if (
      before?.pending === true ||
      host.recorded.rebuilding ||
      (host.recorded.mark ?? host.wanted.mark) !== host.wanted.mark
    ) {
      result = { refused: rebuild(doing, host.wanted.mark, closing(after)).get(name) };
    } else result = transact(before?.elements ?? [], after, host, doing, lookToo);
  } catch (error) {
    const problems = [...after.problems, messageOf(error)];
    tolerate(() => writeRecord({ ...after, elements: before?.elements ?? [], pending: true, problems }));
    tolerate(() => replaceClaims(name, [...had, ...has], had));
    throw error;
  }
  const { refused, look } = result;
  if (after.elements.length > 0) switchHairpin(after, true);
  const settled =
    refused === undefined ? after : { ...after, elements: [], problems: [...after.problems, refused] };
  note(() => {
    writeRecord(settled);
    if (had.length > 0 || refused !== undefined)
      replaceClaims(name, [...had, ...has], claimsOf(settled.elements));
  });
  return { record: settled, ...(look !== undefined && { look }) };
}

/** Says in the records what the kernel is about to hold; claims of before stay until it does. */
function announce(after: Record, had: readonly Claim[], { recorded, wanted }: HostChange): void {
  if (JSON.stringify(recorded.networks) !== JSON.stringify(wanted.networks)) {
    writeHostState({ ...recorded, networks: wanted.networks });
  }
  replaceClaims(recordName(after.guest), had, [...had, ...claimsOf(after.elements)]);
  writeRecord({ ...after, pending: true });
}

interface Transacted {
  /** Why the kernel would not take it, if so. */
  readonly refused?: string | undefined;
  readonly look?: Look;
}

function transact(
  had: readonly Element[],
  after: Record,
  { wanted }: HostChange,
  doing: string,
  lookToo: boolean,
): Transacted {
  const command = transactionOf(had, after, wanted.networks);
  if (command === undefined) return {};
  const looked = lookToo ? places(familiesOf(after.elements)) : [];
  const lookers = looked.map((place) => place.list);
  try {
    const listings = runTogether(command, lookers, doing);
    return lookToo ? { look: { places: looked, listings } } : {};
  } catch (error) {
    if (!disagrees(error)) throw error;
    return { refused: rebuild(doing, wanted.mark, closing(after)).get(recordName(after.guest)) };
  }
}

/** Of a guest that gives up all it has, nothing may come back from a record that could not be written. */
function closing(after: Record): string | undefined {
  return after.elements.length === 0 ? recordName(after.guest) : undefined;
}

function claimsOf(elements: readonly Element[]): Claim[] {
  return elements.flatMap((element) => claimOf(element) ?? []);
}
