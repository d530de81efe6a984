import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { liveProcess, liveStamp } from '../libvirt/live-stamp.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { isCount, isObject, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { hasState, readFolder, removeFile } from '../system/files.ts';
import { readState, writeState } from './state-file.ts';

/*
 * Guests that have ended. The hypervisor's own files still list a guest when its last hook runs, and a plan that was
 * made before may be carried out after. So a guest's end leaves a mark, which no plan overrules: only the next start of
 * the guest removes it, before it plans. Neither needs the lock, since libvirt calls the hooks of one guest one by one.
 */

const folder = stateFiles.ended;
const format = 1;
const hasShape = isObject({ 'process?': isCount, 'live?': isText });

/** More marks than this are thinned out: of guests that the hypervisor no longer lists, the oldest go. */
const most = 512;

const fileOf = (id: GuestId) => join(folder, `${recordName(id)}.json`);

/**
 * Says that a guest has ended. Whatever was planned for it before loses.
 *
 * @throws UserError if it cannot be written
 */
export function markEnded(id: GuestId): void {
  if (!hasState()) return;
  const [process, live] = [liveProcess(id), liveStamp(id)];
  writeState(fileOf(id), format, {
    ...(process !== undefined && { process }),
    ...(live !== undefined && { live }),
  });
}

/** Says that a guest starts: what is planned from now on counts. */
export function markStarted(id: GuestId): void {
  const file = fileOf(id);
  if (existsSync(file)) removeFile(file);
}

/**
 * Whether a guest has ended, and has not started again. A mark that cannot be read counts. Where the hypervisor lists
 * another process under that name, or its file is another one, the guest has started without a hook.
 */
export function hasEnded(id: GuestId): boolean {
  const read = readState<{ readonly process?: number; readonly live?: string }>(fileOf(id), format, hasShape);
  if (read.kind !== 'read') return read.kind === 'unreadable';
  const [process, live] = [liveProcess(id), liveStamp(id)];
  if (live === undefined) return true;
  if (process !== undefined && read.value.process !== undefined) return process === read.value.process;
  return live === read.value.live;
}

/** Removes the oldest marks where there are very many. To be called with the lock held. */
export function thinOutEnded(isListed: (name: string) => boolean): void {
  const files = readFolder(folder);
  if (files.length <= most) return;
  const marks = files
    .filter((file) => !isListed(file.replace(/\.json$/, '')))
    .map((file) => ({
      path: join(folder, file),
      time: statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => a.time - b.time);
  for (const { path } of marks.slice(0, files.length - most / 2)) removeFile(path);
}
