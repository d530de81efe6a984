import type { KernelCommand } from '../model/command.ts';
import { programEnvironment } from './run.ts';

/** A program that keeps running and whose output is read. */
export interface Following {
  readonly stop: () => void;
}

/** How much of a line is read, in characters: a program that writes endless lines costs no more memory than this. */
const longestLine = 4096;

/**
 * Starts a program that keeps running, and passes on each line that it writes. It ends with this process: at the latest
 * when it writes to the closed pipe.
 *
 * @param onLine called with at most 4096 characters of each line
 * @param onEnd called once, when the program has ended or could not be started, unless it was stopped
 */
export function followLines(
  { program, args }: KernelCommand,
  onLine: (line: string) => void,
  onEnd: () => void,
): Following {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: programEnvironment() });
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  const lines = lineSplitter(onLine);
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', lines);
  child.once('error', end);
  child.once('close', end);
  return {
    stop: () => {
      ended = true;
      child.kill();
    },
  };
}

/** Puts lines together from pieces as they come. */
export function lineSplitter(onLine: (line: string) => void): (piece: string) => void {
  let begun = '';
  return (piece) => {
    const [first = '', ...others] = piece.split('\n');
    begun = (begun + first).slice(0, longestLine);
    for (const next of others) {
      onLine(begun);
      begun = next.slice(0, longestLine);
    }
  };
}
