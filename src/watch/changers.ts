import { readText } from '../system/files.ts';
import { wasRunHere } from '../system/run.ts';
import type { Changer } from './monitor-line.ts';

/** Somebody who changed the ruleset, as a message names him. */
export function describeChanger({ process, name }: Changer): string {
  const parent = parentOf(process);
  return `${name} (process ${process}${parent === undefined ? '' : `, started by ${parent}`})`;
}

/** Changes that this process makes are nobody's to be named. */
export function isStranger({ process }: Changer): boolean {
  return !wasRunHere(process);
}

/** The name of the process that started it, as long as both are there (proc_pid_status(5)). */
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
