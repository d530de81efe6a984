import { existsSync, rmSync } from 'node:fs';
import { keptFiles } from '../model/kept-files.ts';
import { UserError } from '../model/problem.ts';
import { isCount, isObject, isOneOf, isText } from '../model/shape.ts';
import { bootId, uptime } from '../system/boot-clock.ts';
import { renameDurably, writeDurably } from '../system/durable-file.ts';
import { type ConfigurationCopy, writeCopy } from './configuration-copy.ts';
import { readState } from './state-file.ts';

/*
 * A change that waits for `guestgate confirm`. Its files survive a reboot:
 *
 *   pending/candidate.json   the configuration that waits
 *   pending/waiting.json     until when. From here on it is rolled back unless it is confirmed
 *   pending/restored.json    the same file, renamed: the configuration files are as before, the rules may not be yet
 *
 * Each step is one renaming or removal, which a full disk does not prevent. To confirm, candidate.json becomes applied.json.
 */

export interface PendingChange {
  /** What is rolled back: configuration and rules, or a rescue. */
  readonly kind: 'configuration' | 'rescue';
  /** `bootId()` of the boot in which it was applied. */
  readonly boot: string;
  /** `uptime()` at which it is rolled back, in seconds. */
  readonly deadline: number;
  /** How long there was to confirm it, in seconds. */
  readonly seconds: number;
  /** The same moment as people read it, ISO 8601. Nothing is decided by it. */
  readonly until: string;
}

/** `change` is undefined if its file is damaged: it is rolled back. */
export interface PendingState {
  readonly stage: 'waiting' | 'restored';
  readonly change: PendingChange | undefined;
}

const format = 1;
const hasShape = isObject({
  kind: isOneOf('configuration', 'rescue'),
  boot: isText,
  deadline: (value) => typeof value === 'number',
  seconds: isCount,
  until: isText,
});

/** The change that waits, or is rolled back; undefined if there is none. */
export function readPending(): PendingState | undefined {
  for (const stage of ['restored', 'waiting'] as const) {
    const read = readState<PendingChange>(keptFiles[stage], format, hasShape);
    if (read.kind !== 'missing') return { stage, change: read.kind === 'read' ? read.value : undefined };
  }
  return undefined;
}

/** Whether it is to be rolled back: its time is over, the host has booted since, or its rollback was interrupted. */
export function isDue({ stage, change }: PendingState): boolean {
  if (stage === 'restored' || change === undefined) return true;
  return change.boot !== bootId() || !(uptime() < change.deadline);
}

/** Seconds until it is rolled back; 0 if that is due. */
export function secondsLeft(state: PendingState): number {
  return isDue(state) ? 0 : (state.change?.deadline ?? 0) - uptime();
}

/**
 * From now on the change is rolled back unless it is confirmed.
 *
 * @param candidate the configuration that is to be confirmed; `rescue`: it stays as it is
 * @throws UserError if there is no room: then no change waits
 */
export function writePending(candidate: ConfigurationCopy | 'rescue', seconds: number): PendingChange {
  const until = new Date(Date.now() + seconds * 1000).toISOString();
  const kind = candidate === 'rescue' ? candidate : 'configuration';
  const change: PendingChange = { kind, boot: bootId(), deadline: uptime() + seconds, seconds, until };
  try {
    if (candidate !== 'rescue') writeCopy(keptFiles.candidate, candidate);
    writeDurably(keptFiles.waiting, JSON.stringify({ format, ...change }));
  } catch (error) {
    removePending();
    throw error;
  }
  return change;
}

/** The configuration files are as before. */
export function markRestored(): void {
  if (existsSync(keptFiles.waiting)) renameDurably(keptFiles.waiting, keptFiles.restored);
}

/** Confirms a change of the configuration: this is the moment from which on it is not rolled back. */
export function commitPending(): void {
  renameDurably(keptFiles.candidate, keptFiles.applied);
}

/** Whether a rescue waits. A damaged file is that of a rescue if the configuration that waits is not there. */
export function isRescue({ change }: PendingState): boolean {
  return change === undefined ? !existsSync(keptFiles.candidate) : change.kind === 'rescue';
}

/** No change waits any more. Needs no space. @throws UserError if the folder cannot be removed */
export function removePending(): void {
  try {
    // In this order: killed in between, a change that is not rolled back any more leaves no sign that it waits.
    for (const file of [keptFiles.waiting, keptFiles.restored, keptFiles.pending])
      rmSync(file, { recursive: true, force: true });
  } catch (error) {
    throw new UserError(`removing ${keptFiles.pending}`, { cause: error });
  }
}
