import type { Family } from '../model/address.ts';
import type { HostState } from '../state/host-state.ts';
import { bestEffort } from '../system/best-effort.ts';
import { backendNamed } from './backend-choice.ts';
import type { HostChange } from './change.ts';
import { familiesOfKind } from './head-rule-places.ts';

/** Removes the head rules in INPUT in families in which no network has services any more. Needs the lock. */
export async function removeLostServices(
  { networks: before }: Pick<HostState, 'networks'>,
  { networks, backend }: Pick<HostChange, 'networks' | 'backend'>,
): Promise<void> {
  const gone = lostFamilies(before, networks);
  if (gone.length === 0) return;
  const { removeServiceRules } = await import('./head-rules.ts');
  const used = await backendNamed(backend);
  bestEffort('removing a head rule', () => removeServiceRules(used, gone));
}

/** The families in which networks had services and have none any more. Pure. */
export function lostFamilies(before: HostState['networks'], after: HostState['networks']): Family[] {
  const had = familiesOfKind(before, 'service');
  if (had.length === 0) return [];
  const remaining = familiesOfKind(after, 'service');
  return had.filter((family) => !remaining.includes(family));
}
