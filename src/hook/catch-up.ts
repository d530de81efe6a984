import { isUnmanaged } from '../desired/is-managed.ts';
import { allLiveDomains, type LiveGuest } from '../desired/running-guests.ts';
import { readLiveDomain } from '../libvirt/files.ts';
import { describeFinding } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { quoted } from '../model/problem.ts';
import { hasGuestState } from '../reconcile/has-rules.ts';
import { planAll } from '../reconcile/plan-all.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { tidy } from '../reconcile/tidy.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type CachedPolicies, readPolicyCache } from '../state/policy-cache.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { submitPlan } from './guest-start.ts';

/**
 * libvirtd reloads. A driver that found no hook when libvirtd started has called none until now, though guestgate is
 * installed: guests may have ended and started. Removes the rules of those that have ended, and applies the policies of those
 * that run without a record. Guests with a record keep what they have.
 */
export async function catchUp(): Promise<Outcome> {
  const tidied = await tidy();
  const outcomes = [tidied, ...(await applyMissed())];
  const level = worst(outcomes);
  const worthTelling = outcomes.filter((outcome) => outcome.level !== 'debug' || level === 'debug');
  return { level, message: worthTelling.map(({ message }) => message).join('; ') };
}

async function applyMissed(): Promise<Outcome[]> {
  const policies = readPolicyCache();
  const guests = allLiveDomains().filter((guest) => isMissed(guest, policies));
  if (guests.length === 0) return [];
  bestEffort('creating the state folder', makeState);
  const { requests, unreadable } = await planAll(guests, await readForPlan());
  const outcomes = unreadable.map(
    (finding): Outcome => ({ level: 'error', message: describeFinding(finding) }),
  );
  for (const request of requests) {
    if (request.kind === 'remove') continue;
    const { guest } = request.desired;
    const outcome = await submitPlan(request, request.desired);
    outcomes.push({ ...outcome, message: `guest ${quoted(guest.name)}, which runs: ${outcome.message}` });
  }
  return outcomes;
}

/** Whether a running guest has no record and may have a policy. */
function isMissed(guest: LiveGuest, policies: CachedPolicies | undefined): boolean {
  if (hasGuestState(guest) || hasEnded(guest)) return false;
  const status = readLiveDomain(guest) ?? '';
  const start = status.search(/<domain[\s>]/);
  return start < 0 || !isUnmanaged(policies, guest, status.slice(start));
}

function worst(outcomes: readonly Outcome[]): Outcome['level'] {
  const levels = ['error', 'warn', 'info', 'debug'] as const;
  return levels.find((level) => outcomes.some((outcome) => outcome.level === level)) ?? 'debug';
}
