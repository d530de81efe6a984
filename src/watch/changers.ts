import { readText } from '../system/files.ts';
import { programRan } from '../system/run.ts';
import type { Changer } from './monitor-line.ts';
import type { ChangingProgram } from './watch-event.ts';

/** A program that changed the ruleset, with the one that started it. */
export function withParent(changer: Changer): ChangingProgram {
  const parent = parentOf(changer.process);
  return { ...changer, ...(parent !== undefined && { parent }) };
}

/** The programs that this process runs, from now on: their changes are its own. */
export interface OwnPrograms {
  readonly includes: (changer: Changer) => boolean;
  /** Stops listening. */
  readonly stop: () => void;
}

/** How many of them are remembered: the kernel names each some milliseconds after its change. */
const remembered = 32;

export function followOwnPrograms(): OwnPrograms {
  const recent: number[] = [];
  const note = (pid: number) => {
    recent.push(pid);
    if (recent.length > remembered) recent.shift();
  };
  const events = process as NodeJS.EventEmitter;
  events.on(programRan, note);
  return {
    includes: ({ process: pid }) => recent.includes(pid),
    stop: () => events.off(programRan, note),
  };
}

/** The name of the process that started it, as long as both exist (proc_pid_status(5)). */
function parentOf(pid: number): string | undefined {
  const parent = field(pid, 'PPid');
  return parent === undefined || parent === '0' ? undefined : field(Number(parent), 'Name');
}

function field(pid: number, name: string): string | undefined {
  try {
    return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  } catch {
    return undefined;
  }
}
