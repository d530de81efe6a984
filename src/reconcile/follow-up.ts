import { isAccepted, isAntispoof } from '../model/antispoof.ts';
import { areDifferent, elementsWithout } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
import { canHaveStaleFlows, isDenial } from '../planner/stale-flows.ts';
import { readHostState } from '../state/host-state.ts';
import type { GuestRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { backendInUse, backendNamed } from './backend-choice.ts';
import type { GuestResult, HostChange } from './change.ts';
import { assertHeadRules } from './head-rules.ts';

interface FollowUpOptions {
  readonly rebuild?: boolean;
  readonly keepConnections?: boolean;
}

interface Difference {
  readonly before: GuestRecord | undefined;
  readonly settled: GuestRecord;
}

/**
 * What follows a transaction: connections of removed elements end, head rules and the accepts of bridged guests are put in
 * place. Code that only some changes need is loaded for them alone.
 *
 * @param results the results of the guests whose changes were carried out
 * @param rebuild whether all rules were rebuilt: every place is looked at then
 * @param keepConnections whether connections continue that the changes no longer allow
 * @returns what could not be put in place
 */
export async function followUp(
  results: readonly GuestResult[],
  { mark, backend: name, networks }: HostChange,
  { rebuild: rebuilt = false, keepConnections = false }: FollowUpOptions,
): Promise<Finding[]> {
  const differences = results.map(differenceOf);
  await endConnections(differences, mark, keepConnections);
  return [
    ...(await headRules()),
    ...(rebuilt || differences.some(changesAccepts)
      ? (await import('./antispoof-accepts.ts')).assertAccepts()
      : []),
  ];

  async function headRules(): Promise<Finding[]> {
    // A rebuild that the kernel refused leaves what was recorded before.
    if (rebuilt) return assertHeadRules(await backendInUse(readHostState()), mark, { always: true });
    const adds = results.some(({ change }) => change.adds);
    return adds ? assertHeadRules(await backendNamed(name), mark, { networks }) : [];
  }
}

function differenceOf(result: GuestResult): Difference {
  const settled = 'settled' in result ? result.settled : result.change.after;
  return { before: result.change.before, settled };
}

async function endConnections(
  differences: readonly Difference[],
  mark: number,
  keep: boolean,
): Promise<void> {
  const canHaveOld = differences.some(({ before, settled }) => {
    const [old, now] = [before?.elements ?? [], settled.elements];
    const added = elementsWithout(now, old);
    const denies = before !== undefined && added.some(isDenial);
    const takes = denies || elementsWithout(old, now).length > 0;
    return (takes && !keep) || added.some(canHaveStaleFlows);
  });
  if (!canHaveOld) return;
  const { endOldFlows } = await import('./ended-connections.ts');
  bestEffort('ending connections of removed forwards', () => endOldFlows(differences, mark, keep));
}

/** Whether what iptables' FORWARD accepts of a guest's ports has changed. */
function changesAccepts({ before, settled }: Difference): boolean {
  const old = (before?.elements ?? []).filter(isAntispoof).filter(isAccepted);
  const current = settled.elements.filter(isAntispoof).filter(isAccepted);
  return areDifferent(old, current);
}
