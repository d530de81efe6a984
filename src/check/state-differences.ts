import type { BackendName } from '../model/backend-name.ts';
import { findLeftovers } from '../reconcile/leftovers.ts';
import { findUnexplained } from '../reconcile/unexplained.ts';
import { hostStateProblem, nameInUse, readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { hasState } from '../system/files.ts';
import { hasProgram } from '../system/host.ts';

/** What is wrong in the state folder, and what of ours is in the kernel though no state explains it. */
export function stateDifferences(): string[] {
  const problem = hostStateProblem();
  const { pending } = hasState() ? readJournal() : { pending: [] };
  const used = nameInUse(readHostState());
  // Without any guest since boot there was no transaction, and there is nothing that could be unfinished.
  const unfinished = pending.length > 0 && used !== undefined;
  return [
    ...(problem === undefined ? [] : [`state: ${problem}: guestgate replay`]),
    ...(unfinished
      ? [`state: the last transaction did not come to its end (${pending.join(', ')}): guestgate replay`]
      : []),
    ...(used === undefined ? findUnexplained() : findLeftovers(used)).map(
      (name) => `kernel: unexpected rules of the back end ${name}: ${fixOf(name)}`,
    ),
  ];
}

/** nftables' own tables can be removed by nft alone. */
function fixOf(name: BackendName): string {
  return name === 'nftables' && !hasProgram('nft')
    ? 'install the package nftables, then guestgate replay'
    : 'guestgate replay';
}
