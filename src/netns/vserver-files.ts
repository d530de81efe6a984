import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../model/paths.ts';
import type { VserverFiles, VserverInterface } from '../model/vserver.ts';
import { readFolder, readText } from '../system/files.ts';

/** Reads what says how a guest of Linux-VServer is connected; undefined: there is no such guest. */
export function readVserverFiles(name: string): VserverFiles | undefined {
  const folder = join(paths.vservers, name);
  if (!existsSync(folder)) return undefined;
  const context = firstLine(join(folder, 'context'));
  const namespace = firstLine(join(folder, 'netns/name'));
  return {
    ...(context !== undefined && { context }),
    hasNamespace: existsSync(join(folder, 'netns')),
    isShared: existsSync(join(folder, 'netns/shared')),
    ...(namespace !== undefined && { namespace }),
    interfaces: readFolder(join(folder, 'interfaces')).flatMap((one) =>
      readInterface(join(folder, 'interfaces'), one),
    ),
  };
}

/** A value that is missing in the interface's folder may be in that above, for all of them. */
function readInterface(above: string, folder: string): VserverInterface[] {
  const at = join(above, folder);
  if (statSync(at, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  if (existsSync(join(at, 'disabled'))) return [];
  const own = (key: string) => firstLine(join(at, key));
  const values = {
    ip: own('ip'),
    mac: own('mac'),
    ...Object.fromEntries(
      ['prefix', 'mask', 'dev', 'gateway'].map((key) => [key, own(key) ?? firstLine(join(above, key))]),
    ),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return [{ folder, ...Object.fromEntries(given), isLeftAlone: existsSync(join(at, 'nodev')) }];
}

/** As `read` of a shell has it, with which util-vserver reads them. */
function firstLine(path: string): string | undefined {
  return readText(path)?.split('\n', 1)[0]?.trim() || undefined;
}
