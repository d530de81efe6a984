import type { GuestId } from '../model/guest.ts';
import { type DomainState, writeDomainMetadata } from '../system/domain-metadata.ts';
import { replaceConfigurationFile } from '../system/guest-file.ts';
import { withLock } from '../system/lock.ts';
import { applyDeltas, findDeltas } from './apply.ts';
import { findGuest, type GuestFound } from './find-guest.ts';
import type { ForwardRequest } from './forward-request.ts';
import { findLive } from './live-domains.ts';
import { planFileChange } from './publish-file.ts';
import { planMetadataChange } from './publish-metadata.ts';
import type { Replay } from './replay.ts';

/** A text that will say something else. */
export type Change =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Undefined: there is no such file yet. */
      readonly before: string | undefined;
      readonly after: string;
    }
  | {
      readonly kind: 'metadata';
      readonly guest: GuestId;
      readonly uuid: string;
      readonly states: readonly DomainState[];
      readonly before: string | undefined;
      readonly after: string;
    };

/** What a request comes to. */
export interface Planned {
  /** What is so already. */
  readonly notes: readonly string[];
  /** What stands in its way: with a problem there is no change. */
  readonly problems: readonly string[];
  readonly change?: Change;
}

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
