import { computeDesiredState } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import { nextRun, runOf } from '../desired/guest-run.ts';
import { missingInterfaces } from '../desired/public-interfaces.ts';
import type { Domain } from '../libvirt/domain.ts';
import { describeFinding, type Finding, failedOutcome } from '../model/finding.ts';
import { type Guest, recordName } from '../model/guest.ts';
import { isAny } from '../model/host-address.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import { restrictions } from '../planner/plan.ts';
import { hasGuestState } from '../reconcile/has-rules.ts';
import { indexedNeighbours } from '../reconcile/neighbours.ts';
import { findConflicts } from '../reconcile/plan-change.ts';
import { type PlanReading, readForPlan } from '../reconcile/plan-reading.ts';
import { submit } from '../reconcile/queue.ts';
import type { ApplyRequest, RemoveRequest } from '../reconcile/request.ts';
import { requestFor } from '../reconcile/request-for.ts';
import { isFollowed, startFollower } from '../state/follower-process.ts';
import type { CachedPolicies } from '../state/policy-cache.ts';
import { readRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { summarize } from './count-elements.ts';

/**
 * When an event of a guest's start comes: `before` the guest runs, when only source filters are added; at its `start`; or
 * while it has been `running`.
 */
export type Moment = 'before' | 'start' | 'running';

/**
 * Checks whether the guest's policy can be applied. If not, `on_error = "deny"` refuses the start.
 *
 * @param policies the cached policies; undefined: not known
 */
export async function inspect(domain: Domain, policies: CachedPolicies | undefined): Promise<Outcome> {
  const { desired } = await planWith(domain, await readFor(domain, policies), nextRun);
  const problems = [...desired.problems, ...findConflicts(desired, indexedNeighbours())];
  if (problems.length === 0) return { level: 'debug', message: 'no problems' };
  return failedOutcome(problems, desired.deny);
}

/**
 * Applies the policy of a guest that starts, or that its hypervisor reports as running.
 *
 * @param policies the cached policies, if they have been read
 */
export async function open(domain: Domain, moment: Moment, policies?: CachedPolicies): Promise<Outcome> {
  // Meanwhile the follower may move the forwards of a guest that runs: a plan from an older lease is made again.
  const before = moment === 'running' ? readRecord(recordName(domain.guest)) : undefined;
  const { desired, reading } = await computeAt(moment, domain, await readFor(domain, policies));
  const stage = moment === 'before' ? 'restrict' : 'all';
  const idle = stage === 'restrict' && restrictions(desired.elements).length === 0;
  const premise = {
    configuration: reading.stamp,
    ...(moment === 'running' && { record: before?.generation ?? ('none' as const) }),
  };
  const request = requestFor(desired, premise, reading, { cause: 'start', stage, domain });
  if ((idle || request.kind === 'remove') && !hasGuestState(desired.guest))
    return desired.problems.length === 0
      ? { level: 'debug', message: summarize([]) }
      : failedOutcome(desired.problems, desired.deny);
  const outcome = await submitPlan(request, desired);
  const isEverywhere = desired.elements.some((element) => element.kind === 'forward' && isAny(element.host));
  return stage === 'all' && isEverywhere
    ? withRemarks(outcome, missingInterfaces(reading.configuration.host))
    : outcome;
}

/** Remarks never refuse a start: an uplink may come later. */
function withRemarks(outcome: Outcome, remarks: readonly Finding[]): Outcome {
  if (remarks.length === 0) return outcome;
  const message = [outcome.message, ...remarks.map(describeFinding)].join('; but ');
  return { ...outcome, message, level: outcome.level === 'error' ? 'error' : 'warn' };
}

/** Submits a guest's request, and describes the result for the log. */
export async function submitPlan(
  request: ApplyRequest | RemoveRequest,
  desired: Pick<DesiredState, 'deny' | 'address' | 'byLease'>,
): Promise<Outcome> {
  const result = await submit(request);
  if (request.kind === 'remove') return { level: 'debug', message: summarize([]) };
  if (request.stage === 'all' && isFollowed({ ...request.desired, ...result })) startFollower();
  const summary = summarize(result.elements, desired.address);
  if (result.problems.length > 0) {
    const { message, ...outcome } = failedOutcome(result.problems, desired.deny);
    return { ...outcome, message: result.elements.length === 0 ? message : `${summary}; but ${message}` };
  }
  return { level: result.elements.length === 0 ? 'debug' : 'info', message: summary };
}

/** The desired state, after noting the leases of earlier runs if leases matter: a guest that starts has none of its own yet. */
async function computeAt(moment: Moment, domain: Domain, reading: PlanReading): Promise<DomainState> {
  const state = await planWith(domain, reading, moment === 'before' ? nextRun : runOf);
  if (moment === 'running' || state.desired.byLease !== true) return state;
  const { noteLeases } = await import('./note-leases.ts');
  const isNoted = await noteLeases(domain.guest, reading, moment === 'before' ? 'start' : 'missing');
  return isNoted && moment === 'start' ? planWith(domain, reading, runOf) : state;
}

interface DomainState {
  readonly desired: DesiredState;
  readonly reading: PlanReading;
}

async function readFor({ guest }: Domain, policies: CachedPolicies | undefined): Promise<PlanReading> {
  // The choice of the back end is stored there.
  bestEffort('creating the state folder', makeState);
  return readForPlan(guest, policies);
}

async function planWith(
  domain: Domain,
  reading: PlanReading,
  runOfGuest: typeof runOf,
): Promise<DomainState> {
  const { networks } = reading.recorded();
  const desired = await computeDesiredState(domain, reading, (name) => name in networks, runOfGuest);
  return { desired, reading };
}

/** Even if the policy cannot be applied, the configuration may refuse the guest. */
export async function orRefuse(guest: Guest, action: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CommandError) && !(error instanceof UserError)) throw error;
    const { deniesStart } = await import('../desired/configuration.ts');
    const refuse = await deniesStart(guest);
    const level = error instanceof Deferred ? 'warn' : 'error';
    return { level, message: messageOf(error), ...(refuse && { refuse }) };
  }
}
