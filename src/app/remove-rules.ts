import { rmSync } from 'node:fs';
import { listTable } from '../backends/nftables/listing.ts';
import { removeTable } from '../backends/nftables/transaction.ts';
import { places } from '../model/places.ts';
import { vifTables } from '../model/vif.ts';
import { endFollower } from '../system/follower.ts';
import { readHostState } from '../system/host-state.ts';
import { withLock } from '../system/lock.ts';
import { readRecords } from '../system/records.ts';
import { run, tryRun } from '../system/run.ts';
import { endWatcher } from '../system/watcher.ts';
import { removeAnchors } from './anchors.ts';
import { loadAllBackends } from './backend-choice.ts';
import { switchHairpin } from './hairpin.ts';
import { switchLoopback } from './loopback.ts';
import { removeMadeTables } from './made-tables.ts';
import { removeByNft } from './remove-by-nft.ts';
import { removeBackend } from './switch-backend.ts';
import { removeVifRules } from './vif-rules.ts';

/** Removes all that is ours from the kernel's ruleset, whichever back end made it, and the records with it. */
export async function removeRules(): Promise<void> {
  endWatcher();
  const backends = await loadAllBackends();
  withLock(() => {
    const { made = [] } = readHostState();
    for (const backend of backends) removeAnchors(backend);
    for (const backend of backends) removeBackend(backend, []);
    removeByNft();
    removeMadeTables(made);
    removeVifRules();
    for (const table of vifTables)
      if (tryRun(listTable(table)) !== undefined) run(removeTable(table), 'removing our table');
    for (const record of readRecords()) {
      switchHairpin(record, false);
      switchLoopback(record, false, []);
    }
  });
  endFollower();
  rmSync(places.state, { recursive: true, force: true });
}
