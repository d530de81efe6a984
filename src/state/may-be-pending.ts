import { existsSync } from 'node:fs';
import { keptFiles } from '../model/kept-files.ts';

/** Whether a change may wait for its confirmation: one look, for every event. See `pending-change.ts`. */
export function mayBePending(): boolean {
  return existsSync(keptFiles.pending);
}
