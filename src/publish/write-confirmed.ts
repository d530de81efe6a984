import { beginChange, cancelChange } from '../apply/confirm.ts';
import { withFile } from '../state/configuration-copy.ts';
import type { PendingChange } from '../state/pending-change.ts';
import { replaceConfigurationFile } from '../system/guest-file.ts';

/**
 * Replaces a configuration file; with `confirm`, the change is rolled back unless it is confirmed. Needs the configuration's lock.
 *
 * @param before the text that was read; undefined for a new file
 * @param confirm how long to wait for `guestgate confirm`, in seconds
 * @returns the change that waits; undefined if none does
 * @throws UserError if it cannot be written, or its rollback cannot be prepared: nothing is changed
 */
export function writeConfirmed(
  {
    path,
    before,
    after,
  }: { readonly path: string; readonly before: string | undefined; readonly after: string },
  confirm: number | undefined,
): PendingChange | undefined {
  if (confirm === undefined) {
    replaceConfigurationFile(path, before, after);
    return undefined;
  }
  const pending = beginChange(confirm, (disk) => withFile(disk, path, after));
  try {
    replaceConfigurationFile(path, before, after);
  } catch (error) {
    if (pending !== undefined) cancelChange();
    throw error;
  }
  return pending;
}
