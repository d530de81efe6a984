import { isDeepStrictEqual } from 'node:util';
import { localDown, localUp } from '../hook/local-event.ts';
import { type LocalGuest, objectionToName } from '../model/local-guest.ts';
import { namespacePath } from '../model/namespace.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, messageOf, quoted, UserError } from '../model/problem.ts';
import { readLocalGuest } from '../state/local-guests.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { interfaceKind } from '../system/host.ts';
import { inodeOf, isWitnessed } from '../system/witness.ts';
import { connectVserver, makeVserver, unmakeVserver } from './make-vserver.ts';
import { outsidePrefix, planVserver, type VserverPlan } from './plan-vserver.ts';
import { readNamespaceFacts } from './read-facts.ts';
import { readVserver, type VserverRequest } from './read-vserver.ts';
import { readVserverFiles } from './vserver-files.ts';

const nothing: Outcome = { level: 'debug', message: 'nothing to do' };

/**
 * Handles one event of a guest of Linux-VServer: before its start, its devices are made in the namespace that it shares, and its policy is
 * applied; after its end, both are removed. Other events need nothing. Reported twice, an event counts once.
 *
 * @returns `refuse`: the guest must not start, because its network is not there, or because of `on_error = "deny"`
 */
export async function onVserverEvent(event: string, name: string): Promise<Outcome> {
  if (event !== 'prepre-start' && event !== 'post-stop') return nothing;
  try {
    const objection = objectionToName(name) ?? (name.startsWith('.') ? 'it begins with a dot' : undefined);
    if (objection !== undefined) throw new UserError(`invalid name ${quoted(name)}: ${objection}`);
    return await withConfigurationLock(() => (event === 'prepre-start' ? up(name) : down(name)));
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof CommandError)) throw error;
    return { level: 'error', message: messageOf(error), refuse: event === 'prepre-start' };
  }
}

async function up(name: string): Promise<Outcome> {
  const before = presentOf(name);
  const request = requestOf(name);
  if (request === undefined) {
    if (before !== undefined) await end(before);
    return nothing;
  }
  // Its own devices have none of the addresses that its plan must find free.
  const plan = planVserver(request, readFactsWithout(request));
  if (before !== undefined) {
    if (isSame(before, request, plan)) return connected(await localUp(before), request, plan);
    await end(before);
  }
  const notes = makeOrRemove(request, plan);
  const outcome = await localUp(guestOf(request, plan));
  if (outcome.refuse === true) unmakeVserver(request);
  return connected({ ...outcome, message: [...notes, outcome.message].join('; ') }, request, plan);
}

/** A guest whose port cannot be brought up is not up. */
async function connected(outcome: Outcome, request: VserverRequest, plan: VserverPlan): Promise<Outcome> {
  if (outcome.refuse === true) return outcome;
  try {
    connectVserver(request, plan);
  } catch (error) {
    await localDown(request.name);
    unmakeVserver(request);
    throw error;
  }
  return outcome;
}

/** The guest as it was reported last, whether it still runs or not. */
function presentOf(name: string): LocalGuest | undefined {
  const before = readLocalGuest(name);
  if (before === undefined || before.kind === 'vserver') return before;
  if (isWitnessed(before.witness))
    throw new UserError(`guest ${quoted(name)} is up already, and is not one of Linux-VServer`);
  return undefined;
}

/** @throws UserError if a file of the guest's has a mistake */
function requestOf(name: string): VserverRequest | undefined {
  const files = readVserverFiles(name);
  return files === undefined ? undefined : readVserver(name, files, interfaceKind);
}

function readFactsWithout({ context }: VserverRequest) {
  const facts = readNamespaceFacts();
  return { ...facts, held: facts.held.filter((one) => !one.interface.startsWith(outsidePrefix(context))) };
}

function isSame(before: LocalGuest, request: VserverRequest, plan: VserverPlan): boolean {
  const { guest, witness, context } = guestOf(request, plan);
  return (
    isWitnessed(before.witness) &&
    isDeepStrictEqual([before.guest, before.witness, before.context], [guest, witness, context])
  );
}

function makeOrRemove(request: VserverRequest, plan: VserverPlan): string[] {
  // What a killed call left.
  unmakeVserver(request);
  try {
    return makeVserver(request, plan);
  } catch (error) {
    unmakeVserver(request);
    throw error;
  }
}

function guestOf(
  { name, context, namespace }: VserverRequest,
  { nics, hostEnd, nat }: VserverPlan,
): LocalGuest {
  const path = namespacePath(namespace);
  return {
    kind: 'vserver',
    guest: { driver: 'local', name, ...(nat && { nat: true as const }), nics },
    witness: {
      namespace: { path, inode: inodeOf(path) ?? 0 },
      ...(hostEnd !== undefined && { interface: hostEnd }),
    },
    context,
  };
}

/** Its files may have changed since, or a killed call may have left what no file says. */
async function down(name: string): Promise<Outcome> {
  const before = presentOf(name);
  if (before !== undefined) return end(before);
  const request = requestOf(name);
  if (request === undefined) return nothing;
  const outcome = await localDown(name);
  unmakeVserver(request);
  return outcome;
}

async function end({ guest: { name }, witness, context }: LocalGuest): Promise<Outcome> {
  const outcome = await localDown(name);
  const namespace = witness.namespace?.path.slice(namespacePath('').length);
  if (namespace !== undefined && context !== undefined) unmakeVserver({ name, context, namespace });
  return outcome;
}
