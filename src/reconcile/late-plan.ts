import type { GuestId } from '../model/guest.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type Facts, stillHolds } from './premise.ts';
import type { ApplyRequest, RemoveRequest, Request } from './request.ts';

/**
 * A request as it is to be carried out now. An end wins over every plan that was made before it; a plan whose premise no
 * longer holds is made again; and only the guest's own start, or a command for a guest that runs, gives a guest a record
 * that it did not have. To be called with the lock held.
 *
 * @param now what is so with the lock held
 * @returns undefined: there is nothing to do any more
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

/** What a command asks for needs a guest that runs: for xl's guests there is no file that says so. */
async function runs(request: ApplyRequest): Promise<ApplyRequest | RemoveRequest | undefined> {
  if (request.cause !== 'command' || request.premise.live !== undefined) return request;
  const { isListed, planNow } = await replanning();
  return isListed(request.desired.guest) ? request : planNow(request.desired.guest);
}

function ended({ driver, name }: GuestId): RemoveRequest {
  return { kind: 'remove', guest: { driver, name }, ended: true };
}

/** Loaded only where a plan is made again: most events need nothing of it. */
function replanning() {
  return import('./replan.ts');
}
