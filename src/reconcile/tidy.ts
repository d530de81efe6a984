import { noRules, type Outcome } from '../model/outcome.ts';
import { quoted } from '../model/problem.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { recordedProtection } from '../state/protection.ts';
import { readRecords } from '../state/records.ts';
import { applyAbsence } from './absent-rules.ts';
import { hasAnyGuestState } from './has-rules.ts';
import { readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';
import { reconcile } from './reconcile.ts';
import { assertOpen } from './repair.ts';
import type { RemoveRequest } from './request.ts';
import { hasStandingRules } from './standing-rules.ts';

/**
 * libvirtd starts: removes the rules of guests that have ended meanwhile, adds those for absent guests, and asserts the head
 * rules.
 */
export async function tidy(): Promise<Outcome> {
  const reading = await readForPlan();
  await applyAbsence(reading);
  if (reading.configuration.host.protect !== undefined || recordedProtection() !== undefined)
    await (await import('./protection.ts')).applyProtection(reading);
  if (!hasAnyGuestState() && !hasStandingRules()) return noRules;
  const { lookForLife } = await import('../desired/running-guests.ts');
  const { isGone } = lookForLife();
  const ended = readRecords().filter(({ guest }) => isGone(guest));
  const requests = ended.map(({ guest, generation }): RemoveRequest => {
    const premise = { configuration: configurationStamp(), record: generation };
    return { kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true, premise };
  });
  if (requests.length > 0) await locked(() => reconcile(requests));
  const outcome = await assertOpen();
  if (ended.length === 0) return outcome;
  const names = ended.map(({ guest }) => quoted(guest.name)).join(', ');
  return {
    ...outcome,
    level: outcome.level === 'debug' ? 'info' : outcome.level,
    message: `removed rules of guests that are no longer running: ${names}; ${outcome.message}`,
  };
}
