import type { DesiredState } from '../desired/desired-state.ts';
import type { PlanReading } from './plan-reading.ts';
import type { Premise } from './premise.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';

/** The request that gives a guest its desired state. For a guest without policy, the request removes its rules. */
export function requestFor(
  desired: DesiredState,
  premise: Premise,
  { configuration, backend, hostFacts }: PlanReading,
  how: Pick<ApplyRequest, 'cause' | 'stage' | 'domain' | 'interface'>,
): ApplyRequest | RemoveRequest {
  const { guest } = desired;
  const host = hostFacts();
  if (!desired.managed && desired.problems.length === 0)
    return { kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: false, premise };
  return {
    kind: 'apply',
    ...how,
    desired,
    premise: host === undefined ? premise : { ...premise, host },
    ...(configuration.hostUnknown.length === 0 && { mark: configuration.host.mark }),
    ...(backend !== undefined && { backend }),
  };
}
