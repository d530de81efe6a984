import { rmSync } from 'node:fs';
import { listTable } from '../backends/nftables/listing.ts';
import { places } from '../model/places.ts';
import { vifTables } from '../model/vif.ts';
import { endFollower } from '../system/follower.ts';
import { hostFamilies } from '../system/host.ts';
import { withLock } from '../system/lock.ts';
import { readRecords } from '../system/records.ts';
import { run, tryRun } from '../system/run.ts';
import { removeAnchors } from './anchors.ts';
import { switchHairpin } from './hairpin.ts';
import { backend } from './kernel.ts';
import { switchLoopback } from './loopback.ts';
import { removeVifRules } from './vif-rules.ts';

/** Removes all that is ours from the kernel's ruleset, and the records with it. */
export function removeRules(): void {
  withLock(() => {
    removeAnchors();
    removeVifRules();
    const ports = vifTables.filter((table) => tryRun(listTable(table)) !== undefined);
    for (const family of [...hostFamilies(), ...ports]) run(backend.remove(family), 'removing our table');
    for (const record of readRecords()) {
      switchHairpin(record, false);
      switchLoopback(record, false, []);
    }
  });
  endFollower();
  rmSync(places.state, { recursive: true, force: true });
}
