import type { BackendName } from '../model/backend-name.ts';
import { type Finding, findingsOf, ruleFault } from '../model/finding.ts';
import { findLeftovers } from '../reconcile/leftovers.ts';
import { findUnexplained } from '../reconcile/unexplained.ts';
import { hostStateProblem, nameInUse, readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { hasState } from '../system/files.ts';
import { hasProgram } from '../system/host.ts';

/** What is wrong in the state folder, and the rules of guestgate's in the kernel that no state explains. */
export function stateDifferences(): Finding[] {
  const problem = hostStateProblem();
  const { pending } = hasState() ? readJournal() : { pending: [] };
  const used = nameInUse(readHostState());
  // Without any guest since boot there was no transaction that could be unfinished.
  const unfinished = pending.length > 0 && used !== undefined;
  return [
    ...findingsOf('state', [
      ...(problem === undefined ? [] : [ruleFault(problem)]),
      ...(unfinished ? [ruleFault(`the last transaction is unfinished: ${pending.join(', ')}`)] : []),
    ]),
    ...(used === undefined ? findUnexplained() : findLeftovers(used)).map(leftover),
  ];
}

/** Only nft can remove nftables' own tables. */
function leftover(name: BackendName): Finding {
  const needsNft = name === 'nftables' && !hasProgram('nft');
  return {
    subject: 'kernel',
    ...ruleFault(`unexpected rules of the back end ${name}`),
    ...(needsNft && { advice: 'install the package nftables, then run guestgate replay' }),
  };
}
