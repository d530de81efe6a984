import { rmSync } from 'node:fs';
import { places } from '../model/places.ts';
import { setHairpinMode } from '../system/host.ts';
import { withLock } from '../system/lock.ts';
import { readRecords } from '../system/records.ts';
import { run } from '../system/run.ts';
import { removeAnchors } from './anchors.ts';
import { backend } from './kernel.ts';

/** Removes all that is ours from the kernel's ruleset, and the records with it. */
export function removeRules(): void {
  withLock(() => {
    removeAnchors();
    run(backend.remove(), 'removing our table');
    for (const port of readRecords().flatMap((record) => record.hairpinPorts)) setHairpinMode(port, false);
  });
  rmSync(places.state, { recursive: true, force: true });
}
