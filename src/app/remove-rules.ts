import { rmSync } from 'node:fs';
import { places } from '../model/places.ts';
import { endFollower } from '../system/follower.ts';
import { hostFamilies } from '../system/host.ts';
import { withLock } from '../system/lock.ts';
import { readRecords } from '../system/records.ts';
import { run } from '../system/run.ts';
import { endWatcher } from '../system/watcher.ts';
import { removeAnchors } from './anchors.ts';
import { switchHairpin } from './hairpin.ts';
import { backend } from './kernel.ts';
import { switchLoopback } from './loopback.ts';

/** Removes all that is ours from the kernel's ruleset, and the records with it. */
export function removeRules(): void {
  endWatcher();
  withLock(() => {
    removeAnchors();
    for (const family of hostFamilies()) run(backend.remove(family), 'removing our table');
    for (const record of readRecords()) {
      switchHairpin(record, false);
      switchLoopback(record, false, []);
    }
  });
  endFollower();
  rmSync(places.state, { recursive: true, force: true });
}
