import { type Claim, claimOf } from '../model/element.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { replaceClaims } from '../system/claims.ts';
import { type HostState, writeHostState } from '../system/host-state.ts';
import { type Record, removeRecord, writeRecord } from '../system/records.ts';
import { nameInUse, otherBackend, wantedBackend } from './backend-choice.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { disagrees, runSteps, stepsOf } from './kernel.ts';
import { switchLoopback, withLoopbackBridges } from './loopback.ts';
import { type Rejected, rebuild } from './rebuild.ts';
import { tolerate } from './tolerate.ts';

/*
 * Record, kernel, record: killed between any two of them, or failed, the record is found pending, and the next
 * event or replay makes the kernel from the records. All to be called with the lock held.
 */

/** What is to become of one guest's rules. */
export interface Change {
  /** The name of its record. */
  readonly name: string;
  /** What the kernel holds. */
  readonly before: Record | undefined;
  readonly after: Record;
  /** `after`, less what the kernel refused. */
  settled: Record;
  /** Whether the anchors have to stand first for it. */
  readonly opening: boolean;
  /** Whether the record goes, too. */
  readonly closing: boolean;
  /** For messages: `adding rules for guest "web"`. */
  readonly doing: string;
}

/** The host's state before and after: networks that were not known yet, another mark. */
export interface HostChange {
  readonly recorded: HostState;
  readonly wanted: HostState & { readonly mark: number };
}

/** Failures by the name of the guest's record. */
export type Failures = Map<string, unknown>;

/**
 * Says in the records what the kernel is about to hold; claims of before stay until it does.
 *
 * @throws UserError if that cannot be written down; where something closes, it is closed all the same
 */
export function announce(change: Change, { recorded, wanted }: HostChange): Change {
  const { name } = change;
  const [after = change.after] =
    change.after.elements.length > 0 ? withLoopbackBridges(withHairpinPorts([change.after])) : [];
  noting(after, () => {
    if (JSON.stringify(recorded.networks) !== JSON.stringify(wanted.networks)) {
      writeHostState({ ...recorded, networks: wanted.networks });
    }
    const had = claimsOf(change.before);
    replaceClaims(name, had, [...had, ...claimsOf(after)]);
    writeRecord({ ...after, pending: true });
  });
  return { ...change, after, settled: after };
}

/** The kernel becomes what was announced. Says in the changes what it refused, and returns what failed altogether. */
export function enact(changes: readonly Change[], host: HostChange): Failures {
  if (changes.length === 0) return new Map();
  const doing =
    changes.length === 1 ? (changes[0]?.doing ?? '') : `changing rules of ${changes.length} guests`;
  try {
    const refused = transact(changes, host, doing);
    for (const change of changes) {
      const why = refused.get(change.name);
      if (why === undefined) continue;
      change.settled = { ...change.after, elements: [], problems: [...change.after.problems, why] };
    }
    return new Map();
  } catch (error) {
    if (changes.length > 1 && error instanceof CommandError && error.failure.exitCode !== undefined)
      return new Map(changes.flatMap((change) => [...enact([change], host)]));
    for (const change of changes) takeBack(change, error);
    return new Map(changes.map(({ name }) => [name, error]));
  }
}

function transact(changes: readonly Change[], { recorded, wanted }: HostChange, doing: string): Rejected {
  // Of a guest that gives up all it has, nothing may come back from a record that could not be written.
  const emptied = new Set(changes.flatMap(({ after, name }) => (after.elements.length === 0 ? [name] : [])));
  const unsure = changes.some(({ before }) => before?.pending === true);
  const backend = wantedBackend(recorded);
  const other = otherBackend(recorded) !== undefined;
  if (unsure || other || recorded.rebuilding || (recorded.mark ?? wanted.mark) !== wanted.mark)
    return rebuild(doing, wanted.mark, emptied);
  const steps = stepsOf(backend, changes, wanted.networks, recorded.networks, wanted.mark);
  if (steps.length === 0) return new Map();
  // Nothing of ours is there yet that could be changed.
  if (nameInUse(recorded) === undefined) return rebuild(doing, wanted.mark, emptied);
  try {
    runSteps(steps, doing);
    return new Map();
  } catch (error) {
    if (!disagrees(error, backend)) throw error;
    return rebuild(doing, wanted.mark, emptied);
  }
}

/** Nothing was changed: the record holds what it held, and is pending, since nobody knows. */
function takeBack({ name, before, after }: Change, error: unknown): void {
  const problems = [...after.problems, messageOf(error)];
  tolerate(() => writeRecord({ ...after, elements: before?.elements ?? [], pending: true, problems }));
  tolerate(() => replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(before)));
}

/** Says in the record what the kernel holds, and does what goes with it. */
export function settle({ name, before, after, settled, closing }: Change): void {
  if (after.elements.length > 0) {
    switchHairpin(after, true);
    switchLoopback(after, true);
  }
  noting(after, () => {
    writeRecord(settled);
    if (before !== undefined || settled !== after)
      replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(settled));
  });
  if (!closing) return;
  switchHairpin(before ?? after, false);
  switchLoopback(before ?? after, false);
  removeRecord(after.guest);
}

/** Where something closes, a full disk does not keep it open. */
function noting({ elements }: Record, action: () => void): void {
  if (elements.length > 0) action();
  else tolerate(action);
}

function claimsOf(record: Record | undefined): Claim[] {
  return (record?.elements ?? []).flatMap((element) => claimOf(element) ?? []);
}
