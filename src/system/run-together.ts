import { spawnSync } from 'node:child_process';
import type { KernelCommand } from '../model/command.ts';
import { CommandError } from '../model/problem.ts';
import { programEnvironment, timeLeft } from './run.ts';

/** How long all of it may take, in milliseconds. */
const patience = 3000;

/** Stands between what one program printed and what the next did. */
const separator = '--guestgate--';

/**
 * Runs a transaction, and beside it, one after the other, programs that only look: started together, as each
 * start costs as much as the work. The shell is given constants and checked names only.
 *
 * @returns what each of the lookers printed; undefined where one failed
 * @throws CommandError if the transaction failed or took longer than 3 s
 */
export function runTogether(
  main: KernelCommand,
  lookers: readonly KernelCommand[],
  doing: string,
): (string | undefined)[] {
  const timeout = timeLeft(patience);
  const result = spawnSync('/bin/sh', ['-c', script(main, lookers)], {
    input: main.input ?? '',
    encoding: 'utf8',
    timeout,
    killSignal: 'SIGTERM',
    maxBuffer: 1 << 26,
    env: programEnvironment(),
  });
  const { status, stdout = '', stderr = '' } = result;
  if (status === 0) {
    const parts = stdout.split(`${separator}\n`);
    return lookers.map((_, index) => (parts[index]?.trim() === '' ? undefined : parts[index]));
  }
  const hung =
    (result.error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT' ||
    status === 143 ||
    status === null;
  const outcome = hung
    ? `did not answer within ${(timeout / 1000).toFixed(1)} s and was ended`
    : `failed with exit code ${status}`;
  throw new CommandError(
    {
      doing,
      command: [main.program, ...main.args].join(' '),
      outcome: status === 127 ? 'is not installed' : outcome,
      stderr: status === 127 ? '' : stderr,
      ...(status !== null && !hung && status !== 127 && { exitCode: status }),
      input: main.input ?? '',
    },
    result.error,
  );
}

/** Whoever is told to end ends what was started: a program that hangs must not stay behind. */
function script(main: KernelCommand, lookers: readonly KernelCommand[]): string {
  const look = lookers.map((looker) => `${anyOf(looker)} || echo; echo ${separator};`).join(' ');
  return [
    'exec 3<&0',
    `{ ${look === '' ? ':;' : look} } </dev/null 2>/dev/null 3<&- & looking=$!`,
    `${words(main)} <&3 >/dev/null 3<&- & working=$!`,
    "trap 'kill -9 $looking $working 2>/dev/null; exit 143' TERM",
    'wait $working; status=$?; wait $looking; exit $status',
  ].join('\n');
}

function anyOf({ program, alternatives = [], args }: KernelCommand): string {
  return [program, ...alternatives].map((one) => words({ program: one, args })).join(' || ');
}

function words({ program, args }: KernelCommand): string {
  return [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
