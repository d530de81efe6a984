import { rmSync } from 'node:fs';
import { inspection } from '../backends/antispoof/inspection.ts';
import { antispoof } from '../backends/antispoof/transaction.ts';
import { antispoofTables } from '../model/antispoof.ts';
import { paths } from '../model/paths.ts';
import { removeAccepts } from '../reconcile/antispoof-accepts.ts';
import { allBackends } from '../reconcile/backend-choice.ts';
import { switchHairpin } from '../reconcile/hairpin.ts';
import { removeHeadRules } from '../reconcile/head-rules.ts';
import { switchLoopback } from '../reconcile/loopback.ts';
import { removeMadeTables } from '../reconcile/made-tables.ts';
import { removeProtection } from '../reconcile/protection.ts';
import { removeBackend } from '../reconcile/switch-backend.ts';
import { removeUnusedUserPlaces } from '../reconcile/user-rules.ts';
import { endFollower } from '../state/follower-process.ts';
import { readHostState } from '../state/host-state.ts';
import { readRecords } from '../state/records.ts';
import { endRollBackProcess } from '../state/roll-back-process.ts';
import { endWatcher } from '../state/watch-process.ts';
import { withLock } from '../system/lock.ts';
import { run, tryRun } from '../system/run.ts';
import { removeByNft } from './remove-by-nft.ts';

/**
 * Removes all that is ours from the kernel's ruleset, whichever back end made it, and the records with it.
 *
 * @returns the places for the administrator's own rules that stay, because they hold rules
 */
export async function removeRules(): Promise<readonly string[]> {
  endWatcher();
  endRollBackProcess();
  const backends = await allBackends();
  const kept = withLock(() => {
    const { made = [] } = readHostState();
    // First: killed behind this, no bridge routes 127.0.0.0/8 without the rules that keep it the host's own.
    for (const record of readRecords()) switchLoopback(record, false, []);
    for (const backend of backends) removeHeadRules(backend);
    for (const backend of backends) removeBackend(backend, []);
    removeByNft();
    const userPlaces = removeUnusedUserPlaces(true);
    removeMadeTables(made);
    removeProtection();
    removeAccepts();
    for (const table of antispoofTables)
      if (tryRun(inspection.list(table)) !== undefined) run(antispoof.remove(table), 'removing our table');
    for (const record of readRecords()) switchHairpin(record, false);
    return userPlaces;
  });
  endFollower();
  rmSync(paths.state, { recursive: true, force: true });
  return kept;
}
