import { rmSync } from 'node:fs';
import { listTable } from '../backends/nftables/listing.ts';
import { removeTable } from '../backends/nftables/transaction.ts';
import { paths } from '../model/paths.ts';
import { vifTables } from '../model/vif.ts';
import { allBackends } from '../reconcile/backend-choice.ts';
import { switchHairpin } from '../reconcile/hairpin.ts';
import { removeHeadRules } from '../reconcile/head-rules.ts';
import { switchLoopback } from '../reconcile/loopback.ts';
import { removeMadeTables } from '../reconcile/made-tables.ts';
import { removeVifRules } from '../reconcile/port-rules.ts';
import { removeBackend } from '../reconcile/switch-backend.ts';
import { readHostState } from '../state/host-state.ts';
import { endFollower } from '../state/lease-process.ts';
import { readRecords } from '../state/records.ts';
import { endWatcher } from '../state/watch-process.ts';
import { withLock } from '../system/lock.ts';
import { run, tryRun } from '../system/run.ts';
import { removeByNft } from './remove-by-nft.ts';

/** Removes all that is ours from the kernel's ruleset, whichever back end made it, and the records with it. */
export async function removeRules(): Promise<void> {
  endWatcher();
  const backends = await allBackends();
  withLock(() => {
    const { made = [] } = readHostState();
    for (const backend of backends) removeHeadRules(backend);
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
  rmSync(paths.state, { recursive: true, force: true });
}
