import { existsSync } from 'node:fs';
import { familyOf } from '../model/address.ts';
import { namespacePath } from '../model/namespace.ts';
import { quoted } from '../model/problem.ts';
import { readLocalFiles } from '../state/local-guests.ts';
import { readNamespace, removeNamespaceFile, writeNamespace } from '../state/namespaces.ts';
import { askIp } from '../system/ask-ip.ts';
import { run, tryRun } from '../system/run.ts';
import { batch, forward, unmakeNamespace } from './make-namespace.ts';
import { insidePrefix, outsidePrefix, tableOf, type VserverPlan } from './plan-vserver.ts';
import type { VserverRequest } from './read-vserver.ts';

/**
 * Makes the devices of a guest in its namespace, and the namespace, if it is not there. On bridges, `connectVserver` is still to be called.
 *
 * @returns what the administrator may want to know
 * @throws CommandError if the kernel refuses a part: what was made stays, for `unmakeVserver`
 */
export function makeVserver(request: VserverRequest, plan: VserverPlan): string[] {
  const { name, namespace, devices } = request;
  const doing = `making the interfaces of vserver ${quoted(name)}`;
  if (!existsSync(namespacePath(namespace))) {
    // The file says that guestgate made it, and is there before it.
    writeNamespace({ name: namespace, addresses: [], link: { kind: 'shared' }, gateways: [], dns: [] });
    run({ program: 'ip', args: ['netns', 'add', namespace] }, doing);
  }
  run({ program: 'ip', args: ['-n', namespace, 'link', 'set', 'lo', 'up'] }, doing);
  batch([], plan.outside, doing);
  batch(['-n', namespace], plan.inside, doing);
  batch(['-6', '-n', namespace], plan.inside6, doing);
  const own = devices.filter(({ link }) => link.kind === 'own').flatMap(({ addresses }) => addresses);
  return [...new Set(own.map(({ address }) => familyOf(address)))].flatMap(forward);
}

/** Lets neighbours on bridges hear from a guest, once it has its rules. @throws CommandError if the kernel refuses it */
export function connectVserver({ name }: Pick<VserverRequest, 'name'>, { connecting }: VserverPlan): void {
  batch([], connecting, `connecting vserver ${quoted(name)}`);
}

/**
 * Removes the devices of a guest, also where they were made halfway, and the namespace with its last guest, if guestgate made it.
 *
 * @throws CommandError if a part of it cannot be removed
 */
export function unmakeVserver({ name, context, namespace }: Omit<VserverRequest, 'devices'>): void {
  const doing = `removing the interfaces of vserver ${quoted(name)}`;
  if (existsSync(namespacePath(namespace))) {
    const inside = ['-n', namespace];
    for (const device of devicesOf(inside, insidePrefix(context)))
      run({ program: 'ip', args: [...inside, 'link', 'del', device] }, doing);
    for (const family of ['-4', '-6'])
      tryRun({
        program: 'ip',
        args: [family, ...inside, 'rule', 'flush', 'table', String(tableOf(context))],
      });
  }
  // A pair has gone with its end in the namespace, unless that was never moved there.
  for (const device of devicesOf([], outsidePrefix(context)))
    run({ program: 'ip', args: ['link', 'del', device] }, doing);
  if (readNamespace(namespace)?.link.kind !== 'shared' || guestsIn(namespace, name).length > 0) return;
  unmakeNamespace(namespace);
  removeNamespaceFile(namespace);
}

function devicesOf(options: readonly string[], prefix: string): string[] {
  const listed = askIp<{ readonly ifname?: string }>([...options, 'link', 'show']);
  return listed.flatMap(({ ifname = '' }) => (ifname.startsWith(prefix) ? [ifname] : []));
}

/** The guests that are up in a shared namespace. @param but is not counted */
export function guestsIn(namespace: string, but?: string): string[] {
  return readLocalFiles().flatMap(({ read }) => {
    if (read.kind !== 'read' || read.value.kind !== 'vserver') return [];
    const { guest, witness } = read.value;
    return witness.namespace?.path === namespacePath(namespace) && guest.name !== but ? [guest.name] : [];
  });
}
