import type { Lab } from './lab.ts';
import type { Ran } from './ran.ts';
import { isThorough } from './thoroughness.ts';

/**
 * What of the program outlives it: other programs that it starts, files that it replaces or removes. What it does
 * between two of these steps is gone with the process, so being killed before each of them is all there is.
 */
const steps = ['vfork', 'rename', 'unlink'] as const;

const trace = '/tmp/calls';

export interface Step {
  readonly call: (typeof steps)[number];
  /** The how manieth call of that kind, from 1. */
  readonly number: number;
}

/** How a run ended, and of one that got to its end, how many calls of the kind it made. */
export interface KilledRun extends Ran {
  readonly calls: number;
}

/** The program is killed as it enters this step, by strace(1): every time at the same place. */
export function runKilledAt(
  step: Step,
  lab: Lab,
  program: string,
  args: readonly string[],
  input = '',
): KilledRun {
  const inject = `inject=${step.call}:signal=KILL:when=${step.number}`;
  const strace = ['-o', trace, '-e', `trace=${step.call}`, '-e', inject, program, ...args];
  const ran = lab.host.run('strace', strace, { input, mayFail: true });
  const calls = ran.status === 0 ? lab.host.read(trace).split(`${step.call}(`).length - 1 : 0;
  return { ...ran, calls };
}

/** Of the steps of one kind each fourth is tried, but in a thorough run: those who call begin at different ones. */
const stride = isThorough ? 1 : 4;

/**
 * Tries the steps of something in turn, until a run gets to its end.
 *
 * @param attempt runs it, killed at the step, and returns how it ended
 * @param first of each kind, from 1, where not all are tried
 * @returns how many steps there are, tried or not
 */
export function forEachStep(attempt: (step: Step) => KilledRun, first: 1 | 2 | 3 | 4): number {
  let count = 0;
  for (const call of steps) {
    let number = isThorough ? 1 : first;
    let ran = attempt({ call, number });
    for (; ran.status !== 0; ran = attempt({ call, number })) {
      number += stride;
      if (number > 200) throw new Error(`more than 200 times ${call}: is that all one event?`);
    }
    count += ran.calls;
  }
  return count;
}
