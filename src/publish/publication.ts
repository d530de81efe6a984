import { applyDeltas, findDeltas } from '../apply/apply.ts';
import type { Replay } from '../apply/replay.ts';
import { findGuest, type GuestFound } from '../desired/find-guest.ts';
import { findLive } from '../desired/running-guests.ts';
import { writeDomainMetadata } from '../libvirt/domain-metadata.ts';
import { replaceConfigurationFile } from '../system/guest-file.ts';
import { withLock } from '../system/lock.ts';
import type { Change, Planned } from './change.ts';
import type { ForwardRequest } from './forward-request.ts';
import { planFileChange } from './publish-file.ts';
import { planMetadataChange } from './publish-metadata.ts';

export interface Publication extends Planned {
  readonly found: GuestFound;
}

/**
 * What a request changes, in the files or in the guest's XML. Nothing is changed yet.
 *
 * @param metadata whether the guest's XML is to say it, rather than a file
 */
export async function planPublication(
  nameOrUuid: string,
  request: ForwardRequest,
  metadata: boolean,
): Promise<Publication> {
  const found = await findGuest(nameOrUuid);
  const planned = await (metadata ? planMetadataChange(found, request) : planFileChange(found, request));
  return { ...planned, found };
}

/** @throws UserError, CommandError if it cannot be written, or has been changed by somebody else in between */
export function write(change: Change): void {
  switch (change.kind) {
    case 'file':
      withLock(() => replaceConfigurationFile(change.path, change.before, change.after));
      break;
    case 'metadata':
      writeDomainMetadata(change.guest, change.uuid, change.states, change.after);
  }
}

/**
 * Brings a running guest's rules to what is written now: the one place where a change of policy becomes one of rules. The
 * guest may have started, stopped or got another name since it was found.
 *
 * @returns undefined where the guest does not run
 */
export async function apply({ guest }: GuestFound): Promise<Replay | undefined> {
  const key = guest.uuid ?? guest.name;
  if (findLive(key) === undefined) return undefined;
  const { all, problems } = await findDeltas([key]);
  return { guests: await applyDeltas(all), problems };
}
