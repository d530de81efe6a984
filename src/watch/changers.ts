import { readText } from '../system/files.ts';
import { wasRunHere } from '../system/run.ts';
import type { Changer } from './monitor-line.ts';
import type { ChangingProgram } from './watch-event.ts';

/** A program that changed the ruleset, with the one that started it. */
export function withParent(changer: Changer): ChangingProgram {
  const parent = parentOf(changer.process);
  return { ...changer, ...(parent !== undefined && { parent }) };
}

/** Whether a program that this process did not start made the change. */
export function isOther({ process }: Changer): boolean {
  return !wasRunHere(process);
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
