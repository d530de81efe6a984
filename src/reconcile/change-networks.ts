import type { BackendName } from '../model/backend-name.ts';
import { areDifferent } from '../model/difference.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { absence, recordedAbsence } from '../state/absence.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import type { PlanReading } from './plan-reading.ts';
import { readTransactionFiles, transact } from './transaction.ts';

/** The host's settings in the configuration; undefined: unchanged. */
export interface WantedOfHost {
  readonly mark?: number;
  readonly backend?: BackendName | undefined;
}

export function wantedOfHost({ configuration: { hostUnknown, host }, backend }: PlanReading): WantedOfHost {
  return { backend, ...(hostUnknown.length === 0 && { mark: host.mark }) };
}

/**
 * Changes the rules of networks, and those for absent guests. Needs the lock.
 *
 * @param wanted the elements that each of these networks should have
 * @param host its `mark`, the bit of `ct mark`, is used only if no chains exist yet
 */
export async function changeNetworks(
  wanted: HostState['networks'],
  { mark, backend }: WantedOfHost = {},
): Promise<void> {
  const files = readTransactionFiles();
  const { recorded: state } = files;
  const networks: HostState['networks'] = Object.assign(
    Object.create(null),
    Object.fromEntries(
      Object.entries({ ...state.networks, ...wanted }).filter(
        ([name, elements]) => elements.length > 0 || !(name in wanted),
      ),
    ),
  );
  const bit = state.mark ?? mark ?? defaultHostPolicy.mark;
  const host = { networks, mark: bit, backend: backend ?? nameInUse(state) ?? 'nftables' };
  await transact([], host, files, { doing: `changing rules of ${describe(Object.keys(wanted))}` });
}

function describe(names: readonly string[]): string {
  return names.map((name) => (name === absence ? 'absent guests' : `network ${quoted(name)}`)).join(', ');
}

/** Whether something else is dropped for absent guests than these networks say. */
export function changesAbsence({ [absence]: wanted }: HostState['networks']): boolean {
  if (wanted === undefined) return false;
  const recorded = recordedAbsence();
  return areDifferent(wanted, recorded);
}
