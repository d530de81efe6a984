import { accessSync, constants, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { HookName } from '../model/event.ts';
import { paths } from '../model/paths.ts';
import { readFolder, readText } from '../system/files.ts';

/** What lies where libvirt looks for a hook. */
export interface HookFile {
  readonly path: string;
  /** Whether it leads to this program, by whichever way. */
  readonly ours: boolean;
  /** Whether libvirt could run it. */
  readonly executable: boolean;
  /** When the link or file was put there, in milliseconds since 1970. */
  readonly since: number;
}

/** The hook itself, and what is in its `.d` folder (libvirt >= 6.5). */
export function hookFiles(hook: HookName): HookFile[] {
  const folder = join(paths.libvirtHooks, `${hook}.d`);
  const found = [join(paths.libvirtHooks, hook), ...readFolder(folder).map((name) => join(folder, name))];
  return found.flatMap((path) => {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined || status.isDirectory()) return [];
    return [{ path, ours: isOurs(path), executable: isExecutable(path), since: status.ctimeMs }];
  });
}

function isOurs(path: string): boolean {
  try {
    if (readlinkSync(path) === paths.program) return true;
    return realpathSync(path) === realpathSync(paths.program);
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return (lstatSync(realpathSync(path)).mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** A process that runs. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  /** When it was started, in milliseconds since 1970. */
  readonly since: number;
}

/** Clock ticks of /proc in a second: USER_HZ is 100 on every Linux that we are built for. */
const ticks = 100;

/** The processes of these names (proc_pid_stat(5): the name in parentheses, the start as field 22). */
export function running(names: readonly string[]): Running[] {
  const booted = Number(/^btime (\d+)$/m.exec(readText('/proc/stat') ?? '')?.[1]) * 1000;
  return readFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(statOf(pid)) ?? [];
      if (!names.includes(name)) return [];
      return [{ name, pid: Number(pid), since: booted + (Number(rest.split(' ')[19]) / ticks) * 1000 }];
    });
}

function statOf(pid: string): string {
  try {
    return readText(`/proc/${pid}/stat`) ?? '';
  } catch {
    return '';
  }
}
