import { type Claim, claimOf, type Element, elementKey } from '../model/element.ts';
import { messageOf } from '../model/problem.ts';
import { replaceClaims } from '../system/claims.ts';
import { type HostState, type Record, recordName, writeHostState, writeRecord } from '../system/records.ts';
import { run } from '../system/run.ts';
import { switchHairpin } from './hairpin.ts';
import { backend, disagrees, labelled, networkLabelled, rebuild } from './kernel.ts';
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
 * @returns the record as it is now: the kernel may have refused what it was given
 */
export function change(before: Record | undefined, after: Record, host: HostChange, doing: string): Record {
  const name = recordName(after.guest);
  const had = claimsOf(before?.elements ?? []);
  const has = claimsOf(after.elements);
  const note = after.elements.length > 0 ? (action: () => void) => action() : tolerate;
  note(() => announce(after, had, host));
  let refused: string | undefined;
  try {
    if (before?.pending === true || (host.recorded.mark ?? host.wanted.mark) !== host.wanted.mark) {
      refused = rebuild(doing, host.wanted.mark, closing(after)).get(name);
    } else refused = transact(before?.elements ?? [], after, host, doing);
  } catch (error) {
    const problems = [...after.problems, messageOf(error)];
    tolerate(() => writeRecord({ ...after, elements: before?.elements ?? [], pending: true, problems }));
    tolerate(() => replaceClaims(name, [...had, ...has], had));
    throw error;
  }
  const settled =
    refused === undefined
      ? { ...after, hairpinPorts: switchHairpin(after) }
      : { ...after, elements: [], problems: [...after.problems, refused] };
  note(() => {
    writeRecord(settled);
    if (had.length > 0 || refused !== undefined)
      replaceClaims(name, [...had, ...has], claimsOf(settled.elements));
  });
  return settled;
}

/** Says in the records what the kernel is about to hold; claims of before stay until it does. */
function announce(after: Record, had: readonly Claim[], { recorded, wanted }: HostChange): void {
  if (JSON.stringify(recorded.networks) !== JSON.stringify(wanted.networks)) {
    writeHostState({ ...recorded, networks: wanted.networks });
  }
  replaceClaims(recordName(after.guest), had, [...had, ...claimsOf(after.elements)]);
  writeRecord({ ...after, pending: true });
}

/**
 * Removes what is no longer wanted and adds all that is: what is there already stays, with its counters.
 *
 * @returns why the kernel would not take it, if so
 */
function transact(
  had: readonly Element[],
  after: Record,
  { wanted }: HostChange,
  doing: string,
): string | undefined {
  const keys = new Set(after.elements.map(elementKey));
  const surplus = had.filter((element) => !keys.has(elementKey(element)));
  const added = after.elements.length === 0 ? [] : [...networkLabelled(wanted.networks), ...labelled(after)];
  if (surplus.length === 0 && added.length === 0) return undefined;
  try {
    run(backend.change(surplus, added), doing);
    return undefined;
  } catch (error) {
    if (!disagrees(error)) throw error;
    return rebuild(doing, wanted.mark, closing(after)).get(recordName(after.guest));
  }
}

/** Of a guest that gives up all it has, nothing may come back from a record that could not be written. */
function closing(after: Record): string | undefined {
  return after.elements.length === 0 ? recordName(after.guest) : undefined;
}

function claimsOf(elements: readonly Element[]): Claim[] {
  return elements.flatMap((element) => claimOf(element) ?? []);
}
