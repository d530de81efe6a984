import type { Backend } from '../backends/backend.ts';
import type { Element } from '../model/element.ts';
import type { Fault } from '../model/finding.ts';
import { CommandError } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { isExhausted, tries } from '../state/failed-elements.ts';
import type { GuestRecord } from '../state/records.ts';
import { tryRun } from '../system/run.ts';
import type { Apart, GuestChange, HostChange } from './change.ts';
import { elementsOfNetworks } from './kernel.ts';

/*
 * A guest whose rules the kernel refuses, or takes too long for, must not be part of the transactions of others again: it
 * is set aside. Its record says which elements failed. With these, it gets a transaction of its own, after those of all
 * others: a few times, and then only if a person asks (replay, apply). Other elements, and a new start, begin again.
 */

/** @param asked whether a person asks for it */
export function setApart(changes: readonly GuestChange[], asked: boolean): Apart {
  const failed = changes.filter(hasFailed);
  const isTried = ({ before }: GuestChange) => asked || !isExhausted(before);
  return {
    together: changes.filter((change) => !failed.includes(change)),
    alone: failed.filter(isTried),
    untried: failed.filter((change) => !isTried(change)),
  };
}

function hasFailed({ before, after, removes }: GuestChange): boolean {
  return !removes && before?.failed !== undefined && before.failed.digest === digestOf(after.elements);
}

type Failed = NonNullable<GuestRecord['failed']>;

/** What a record keeps of elements that the kernel refused. */
export function refusedElements(elements: readonly Element[]): Failed {
  return { digest: digestOf(elements), times: tries };
}

/**
 * What a record keeps of a failed change; undefined where the guest is not at fault.
 *
 * @param backend asked whether it works as such
 */
export function failedElements(
  { before, after }: GuestChange,
  error: unknown,
  backend: Backend,
  host: HostChange,
): Failed | undefined {
  if (!(error instanceof CommandError) || after.elements.length === 0) return undefined;
  if (error.failure.notInstalled === true || !works(backend, host)) return undefined;
  if (error.failure.exitCode !== undefined) return refusedElements(after.elements);
  const digest = digestOf(after.elements);
  const earlier = before?.failed?.digest === digest ? before.failed.times : 0;
  return { digest, times: earlier + 1 };
}

/** Whether the program and the base ruleset are well: then the elements are at fault. */
function works(backend: Backend, { networks, mark }: HostChange): boolean {
  return backend.isComplete(tryRun(backend.probe('ip', { networks: elementsOfNetworks(networks), mark })));
}

/** A failure that is not tried again, with what ends it. */
export function withRemedy<F extends Fault>(fault: F, failed: GuestRecord['failed'], guest: string): F {
  if (!isExhausted(failed && { failed })) return fault;
  const advice = `guestgate does not try this policy again: change it, or run guestgate replay ${shellWord(guest)}`;
  return { ...fault, advice };
}

/** Loaded for the few guests that failed. */
function digestOf(elements: readonly Element[]): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(elements)).digest('hex');
}
