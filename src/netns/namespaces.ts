import { existsSync } from 'node:fs';
import { localDown, localUp } from '../hook/local-event.ts';
import type { LocalGuest } from '../model/local-guest.ts';
import { type NamespaceRequest, namespacePath } from '../model/namespace.ts';
import type { Outcome } from '../model/outcome.ts';
import { quoted, UserError } from '../model/problem.ts';
import { readLocalGuest } from '../state/local-guests.ts';
import {
  isOurNamespace,
  isSameRequest,
  readNamespace,
  removeNamespaceFile,
  writeNamespace,
} from '../state/namespaces.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { isInterface } from '../system/host.ts';
import { inodeOf, isWitnessed } from '../system/witness.ts';
import { hostEndOf } from './derived-mac.ts';
import { connectNamespace, makeNamespace, processesIn, unmakeNamespace } from './make-namespace.ts';
import { guestsIn } from './make-vserver.ts';
import { type NamespacePlan, planNamespace } from './plan-namespace.ts';
import { readNamespaceFacts } from './read-facts.ts';

/** What became of a namespace. */
export interface NamespaceResult {
  readonly outcome: Outcome;
  /** What the administrator may want to know. */
  readonly notes: readonly string[];
}

/**
 * Makes a namespace and applies its policy. A namespace that is there as it is asked for stays; what a killed command left is removed
 * first. Waits for other commands that change namespaces.
 *
 * @throws UserError if it cannot be made, or another one has the name: nothing is changed
 * @throws CommandError if the kernel refuses a part of it: nothing of it is left
 */
export function addNamespace(request: NamespaceRequest): Promise<NamespaceResult> {
  return withConfigurationLock(async () => {
    const present = presentOf(request);
    if (present !== undefined) {
      const outcome = await localUp(present);
      if (outcome.refuse !== true) connectNamespace(request);
      return { outcome, notes: [] };
    }
    refuseForeign(request.name);
    unmakeNamespace(request.name);
    const plan = planNamespace(request, readNamespaceFacts());
    writeNamespace(request);
    const notes = makeOrRemove(request, plan);
    const outcome = await localUp(guestOf(request, plan));
    if (outcome.refuse === true) remove(request.name);
    else await connectOrRemove(request);
    return { outcome, notes: [...plan.notes, ...notes] };
  });
}

/** The namespace, if it is complete: its guest is declared last. */
function presentOf(request: NamespaceRequest): LocalGuest | undefined {
  const { name } = request;
  const local = readLocalGuest(name);
  if (local === undefined || !isWitnessed(local.witness)) return undefined;
  if (local.kind !== 'netns')
    throw new UserError(`guest ${quoted(name)} is up already (to end it: guestgate guest down ${name})`);
  const before = readNamespace(name);
  if (before !== undefined && isSameRequest(before, request)) return local;
  throw new UserError(
    `namespace ${quoted(name)} is there already, with other options (to remove it: guestgate netns del ${name})`,
  );
}

function refuseForeign(name: string): void {
  refuseShared(name);
  if (isOurNamespace(name)) return;
  if (existsSync(namespacePath(name)))
    throw new UserError(`namespace ${quoted(name)} is there already, and guestgate did not make it`);
  if (isInterface(hostEndOf(name)))
    throw new UserError(`namespace ${quoted(name)}: the interface ${hostEndOf(name)} is there already`);
}

/** It goes with the last of its guests. */
function refuseShared(name: string): void {
  const guests = guestsIn(name).map(quoted);
  if (guests.length > 0)
    throw new UserError(
      `namespace ${quoted(name)} is shared by guests of Linux-VServer: ${guests.join(', ')}`,
    );
}

function makeOrRemove(request: NamespaceRequest, plan: NamespacePlan): string[] {
  try {
    return makeNamespace(request, plan);
  } catch (error) {
    remove(request.name);
    throw error;
  }
}

async function connectOrRemove(request: NamespaceRequest): Promise<void> {
  try {
    connectNamespace(request);
  } catch (error) {
    await localDown(request.name);
    remove(request.name);
    throw error;
  }
}

function remove(name: string): void {
  unmakeNamespace(name);
  removeNamespaceFile(name);
}

function guestOf({ name, nat }: NamespaceRequest, { nic, hostEnd }: NamespacePlan): LocalGuest {
  const path = namespacePath(name);
  return {
    kind: 'netns',
    guest: { driver: 'local', name, ...(nat === true && { nat }), nics: [nic] },
    witness: {
      namespace: { path, inode: inodeOf(path) ?? 0 },
      ...(hostEnd !== undefined && { interface: hostEnd }),
    },
  };
}

/**
 * Removes a namespace, its links and its rules, also one that was made halfway.
 *
 * @throws UserError if guestgate did not make it
 */
export function removeNamespace(name: string): Promise<NamespaceResult> {
  return withConfigurationLock(async () => {
    if (!isOurNamespace(name)) {
      if (existsSync(namespacePath(name)))
        throw new UserError(`namespace ${quoted(name)} was not made by guestgate (see: ip netns)`);
      return { outcome: { level: 'info', message: 'there is none of that name' }, notes: [] };
    }
    refuseShared(name);
    const processes = processesIn(name);
    const outcome = await localDown(name);
    remove(name);
    const notes =
      processes.length === 0 ? [] : [`processes without a network still run: ${processes.join(', ')}`];
    return { outcome, notes };
  });
}
