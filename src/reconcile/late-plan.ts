import type { GuestId } from '../model/guest.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type Facts, stillHolds } from './premise.ts';
import type { ApplyRequest, RemoveRequest, Request } from './request.ts';

/**
 * Updates a request to the present. A guest's end overrules every earlier plan; a plan whose premise no longer holds is
 * made again; only the guest's own start, or a command for a running guest, creates a record. Needs the lock.
 *
 * @param now the facts, read with the lock held
 * @returns undefined if there is nothing left to do
 */
export async function asItIsNow(
  request: Request,
  now: Facts,
): Promise<ApplyRequest | RemoveRequest | undefined> {
  switch (request.kind) {
    case 'refresh': {
      const [{ planNow }, { guestOf }] = await Promise.all([replanning(), import('../model/guest.ts')]);
      return planNow(guestOf(request.record));
    }
    case 'remove': {
      const { premise, guest } = request;
      if (premise === undefined || stillHolds(premise, guest, now)) return request;
      return (await replanning()).planNow(guest);
    }
    case 'apply': {
      const { guest } = request.desired;
      if (hasEnded(guest)) return ended(guest);
      if (stillHolds(request.premise, guest, now)) return runs(request);
      return (await replanning()).planAgain(request);
    }
  }
}

/** A command's request needs a running guest. No status file shows whether a guest of xl runs, so the hypervisor is asked. */
async function runs(request: ApplyRequest): Promise<ApplyRequest | RemoveRequest | undefined> {
  if (request.cause !== 'command' || request.premise.live !== undefined) return request;
  const { isListed, planNow } = await replanning();
  return isListed(request.desired.guest) ? request : planNow(request.desired.guest);
}

function ended({ driver, name }: GuestId): RemoveRequest {
  return { kind: 'remove', guest: { driver, name }, ended: true };
}

/** Loaded only to plan again: most events do not need it. */
function replanning() {
  return import('./replan.ts');
}
