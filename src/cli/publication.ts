import type { Replay } from '../apply/replay.ts';
import { describeFinding, describeWithin } from '../model/finding.ts';
import { quoted, UserError } from '../model/problem.ts';
import { visibleLine } from '../model/visible-text.ts';
import type { Change } from '../publish/change.ts';
import type { ForwardRequest } from '../publish/forward-request.ts';
import { apply, keepPublished, type Publication, planPublication, publish } from '../publish/publication.ts';
import { printPending } from './confirm-time.ts';
import { renderDiff } from './diff.ts';
import { print, printError, printJson } from './output.ts';

/**
 * Carries out a request for a guest's forwards, and prints the change.
 *
 * @returns the exit code: 0 done or already as requested, 1 written but not all rules applied, 2 refused: nothing is changed
 */
export async function runRequest(
  nameOrUuid: string,
  request: ForwardRequest,
  options: {
    readonly metadata?: boolean;
    readonly dryRun?: boolean;
    readonly json?: boolean;
    readonly confirm?: number;
  },
): Promise<number> {
  const { confirm, metadata = false } = options;
  if (confirm !== undefined && metadata)
    throw new UserError(
      '--confirm rolls back configuration files, and no metadata: leave out one of the two',
    );
  const publication =
    options.dryRun === true
      ? await planPublication(nameOrUuid, request, metadata)
      : await publish(nameOrUuid, request, metadata, confirm);
  const { change, notes, problems, found, pending } = publication;
  const subject = `guest ${quoted(found.guest.name)}`;
  if (options.json !== true) {
    for (const problem of problems) printError(`${subject}: ${visibleLine(problem)}`);
    for (const note of notes) print(`${subject}: ${note}`);
    if (change !== undefined) print(diffOf(change));
  }
  const refused = problems.length > 0;
  const done = !refused && options.dryRun !== true;
  const applied = done ? await apply(found) : undefined;
  const failures = applied === undefined ? [] : failuresOf(applied);
  if (done && failures.length === 0) keepPublished(change);
  if (options.json === true) printJson(asJson(publication, done, applied, failures));
  else {
    if (done) print(`${subject}: ${outcome(publication, request, applied)}`);
    else if (!refused) print(`${subject}: changed nothing: --dry-run`);
    for (const failure of failures) printError(`${subject}: ${failure}`);
    if (pending !== undefined) printPending(pending);
  }
  return refused ? 2 : failures.length > 0 ? 1 : 0;
}

function diffOf(change: Change): string {
  if (change.kind === 'file') return renderDiff(change.path, change.before, change.after);
  return renderDiff(
    `metadata (${change.states.join(', ')})`,
    change.before && `${change.before}\n`,
    `${change.after}\n`,
  );
}

function failuresOf({ guests, problems }: Replay): string[] {
  return [...guests.flatMap((guest) => guest.problems.map(describeWithin)), ...problems.map(describeFinding)];
}

function outcome(
  { found, change }: Publication,
  request: ForwardRequest,
  applied: Replay | undefined,
): string {
  if (applied !== undefined) {
    const count = applied.guests
      .flatMap(({ elements }) => elements)
      .filter(({ kind }) => kind === 'forward').length;
    return `runs with ${count} forward${count === 1 ? '' : 's'} now`;
  }
  const state = found.defined ? 'does not run' : 'is not up, and libvirt does not know it';
  if (change === undefined || request.kind === 'unpublish') return state;
  return `${state}: its forwards open when ${quoted(found.guest.name)} starts`;
}

function asJson(
  { found, change, notes, problems, pending }: Publication,
  done: boolean,
  applied: Replay | undefined,
  failures: readonly string[],
): unknown {
  return {
    guest: found.guest.name,
    running: found.running,
    changed: done && change !== undefined,
    ...(change?.kind === 'file' && { file: change.path }),
    ...(change !== undefined && { diff: diffOf(change) }),
    elements: applied?.guests.flatMap(({ elements }) => elements),
    ...(pending !== undefined && { confirm: { seconds: pending.seconds, until: pending.until } }),
    notes,
    problems: [...problems, ...failures],
  };
}
