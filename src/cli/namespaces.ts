import { existsSync } from 'node:fs';
import { exitCodes } from '../model/exit-code.ts';
import { type NamespaceLink, namespacePath } from '../model/namespace.ts';
import { readLocalGuest } from '../state/local-guests.ts';
import { namespaceNames, readNamespace } from '../state/namespaces.ts';
import { isWitnessed } from '../system/witness.ts';
import { print, printError, printJson, table } from './output.ts';

/** A namespace, and whether it is there as a whole. */
export interface ListedNamespace {
  readonly name: string;
  /** `incomplete`: a command that made it was killed, or another program removed a part of it. */
  readonly state: 'complete' | 'incomplete';
  readonly link: NamespaceLink;
  readonly addresses: readonly string[];
  readonly mac: string;
}

/** Prints the namespaces that guestgate made. @returns the exit code */
export function printNamespaces(json: boolean): number {
  const names = namespaceNames();
  const namespaces = names.flatMap(listedOf);
  const unread = names.filter((name) => readNamespace(name) === undefined);
  for (const name of unread)
    printError(`the file of namespace ${name} cannot be read (remove it: guestgate netns del ${name})`);
  if (json) printJson({ namespaces });
  else print(renderNamespaces(namespaces));
  return unread.length > 0 ? exitCodes.failed : exitCodes.done;
}

function listedOf(name: string): ListedNamespace[] {
  const request = readNamespace(name);
  if (request === undefined) return [];
  const local = readLocalGuest(name);
  const isThere =
    request.link.kind === 'shared'
      ? existsSync(namespacePath(name))
      : local?.kind === 'netns' && isWitnessed(local.witness);
  return [
    {
      name,
      state: isThere ? 'complete' : 'incomplete',
      link: request.link,
      addresses: request.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
      mac: (local?.kind === 'netns' && local.guest.nics[0]?.mac) || '',
    },
  ];
}

/** As a table. */
export function renderNamespaces(namespaces: readonly ListedNamespace[]): string {
  if (namespaces.length === 0) return 'no namespaces';
  const rows = namespaces.map(({ name, state, link, addresses, mac }) => [
    name,
    state,
    describeLink(link),
    addresses.join(' '),
    mac,
  ]);
  return table([['NAME', 'STATE', 'LINK', 'ADDRESSES', 'MAC'], ...rows]);
}

function describeLink(link: NamespaceLink): string {
  switch (link.kind) {
    case 'own':
      return 'to the host';
    case 'bridge':
      return `bridge ${link.bridge}`;
    case 'vlan':
      return `VLAN ${link.vlan} of ${link.uplink}`;
    case 'macvlan':
      return `macvlan of ${link.uplink}`;
    case 'shared':
      return 'shared by guests of Linux-VServer';
  }
}
