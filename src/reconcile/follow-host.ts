import { messageOf } from '../model/problem.ts';
import { haveInterfacesChanged, readUplinks } from '../state/uplinks.ts';
import { toSystem } from '../system/log-line.ts';
import { factsText, readHostFacts } from '../system/uplinks.ts';

/** Whether the host's addresses, default routes or guest networks differ from those that the rules were planned with. Changes nothing. */
export function hasHostChanged(): boolean {
  const noted = readUplinks();
  if (noted === undefined) return false;
  return noted.facts !== factsText(readHostFacts()) || haveInterfacesChanged(noted);
}

/**
 * Brings the rules that depend on the host's uplinks up to date, before anything else is done with the lock held. Logs one
 * line if rules change. A failure must not affect the event that happens to come next. Needs the lock.
 */
export async function followHost(): Promise<void> {
  if (!hasHostChanged()) return;
  const { adaptToHost } = await import('./adapt-to-host.ts');
  const entry = await adaptToHost().catch((error: unknown) => ({
    level: 'error' as const,
    message: `adapting rules to the host's uplinks: ${messageOf(error)}`,
  }));
  if (entry !== undefined) await toSystem(entry);
}
