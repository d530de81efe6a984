import { applyDeltas, findDeltas } from '../apply/apply.ts';
import type { Replay } from '../apply/replay.ts';
import { findGuest, type GuestFound } from '../desired/find-guest.ts';
import { findLive } from '../desired/running-guests.ts';
import { readDomainMetadata, writeDomainMetadata } from '../libvirt/domain-metadata.ts';
import { exactKey } from '../model/guest-keys.ts';
import { ConfigurationChanged, Hindrance, quoted, UserError } from '../model/problem.ts';
import { keepAppliedFile } from '../state/configuration-copy.ts';
import type { PendingChange } from '../state/pending-change.ts';
import { readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { listeningPorts } from '../system/listening-ports.ts';
import type { Change, Planned } from './change.ts';
import { changeConfiguration } from './configuration-change.ts';
import type { ForwardRequest } from './forward-request.ts';
import { busyOf, wantsFreePort } from './free-ports.ts';
import { planFileChange } from './plan-file-change.ts';
import { planMetadataChange } from './plan-metadata-change.ts';
import { writeConfirmed } from './write-confirmed.ts';

export interface Publication extends Planned {
  readonly found: GuestFound;
  /** The change is rolled back unless it is confirmed. */
  readonly pending?: PendingChange;
}

/**
 * Plans what a request changes, in the files or in the guest's XML. Changes nothing.
 *
 * @param metadata whether to change the guest's XML, instead of a file
 */
export async function planPublication(
  nameOrUuid: string,
  request: ForwardRequest,
  metadata: boolean,
): Promise<Publication> {
  const found = await findGuest(nameOrUuid);
  const whole = request.kind === 'publish' && request.texts.some(wantsFreePort) ? withBusy(request) : request;
  const planned = await (metadata ? planMetadataChange(found, whole) : planFileChange(found, whole));
  return { ...planned, found };
}

/** With the ports that running guests and programs of the host have. */
function withBusy(request: ForwardRequest & { kind: 'publish' }): ForwardRequest {
  const ofGuests = readRecords().flatMap(({ elements }) =>
    elements.flatMap((element) => (element.kind === 'forward' ? [element] : [])),
  );
  const ofHost = listeningPorts().map(({ protocol, port }) => ({
    protocol,
    ports: { first: port, last: port },
  }));
  return { ...request, busy: [...busyOf(ofGuests), ...ofHost] };
}

/**
 * Plans a request and writes its change, as one step: a second command waits, and plans for the text of the first.
 *
 * @param confirm how long to wait for `guestgate confirm`, in seconds; undefined: the change needs no confirmation
 * @throws UserError, CommandError if the change cannot be written
 */
export async function publish(
  nameOrUuid: string,
  request: ForwardRequest,
  metadata: boolean,
  confirm?: number,
): Promise<Publication> {
  let pending: PendingChange | undefined;
  const planned = await changeConfiguration(
    () => planPublication(nameOrUuid, request, metadata),
    ({ change, problems }) => {
      if (change !== undefined && problems.length === 0) pending = write(change, confirm);
    },
  );
  return { ...planned, ...(pending !== undefined && { pending }) };
}

function write(change: Change, confirm: number | undefined): PendingChange | undefined {
  switch (change.kind) {
    case 'file':
      return writeConfirmed(change, confirm);
    case 'metadata':
      replaceMetadata(change);
      return undefined;
  }
}

/** After a change was applied: it is part of the configuration that a later change is rolled back to. */
export function keepPublished(change: Change | undefined): void {
  if (change?.kind !== 'file') return;
  const { path, before, after } = change;
  bestEffort('keeping a copy of the configuration', () => keepAppliedFile(path, before, after));
}

/** libvirt cannot compare and write in one step: if another program writes in between, its text is lost. */
function replaceMetadata({ guest, uuid, states, before, after }: Change & { kind: 'metadata' }): void {
  for (const state of states) {
    if (readDomainMetadata(guest, uuid, state) !== before)
      throw new ConfigurationChanged(
        `writing the metadata of guest ${quoted(guest.name)}: another program keeps changing it (try again when it has ended)`,
      );
  }
  writeDomainMetadata(guest, uuid, states, after);
}

/**
 * Applies the present policy to a running guest. The guest may have started, stopped or been renamed since it was found.
 *
 * @returns undefined if the guest does not run
 * @throws Hindrance, CommandError if it cannot be applied: it is written already, so no mistake is refused any more
 */
export async function apply({ guest }: GuestFound): Promise<Replay | undefined> {
  const key = guest.uuid ?? exactKey(guest);
  if (findLive(key) === undefined) return undefined;
  try {
    const { all, problems } = await findDeltas([key]);
    return { guests: await applyDeltas(all), problems };
  } catch (error) {
    if (error instanceof UserError) throw new Hindrance(error.message, { cause: error });
    throw error;
  }
}
