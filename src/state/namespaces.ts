import { join } from 'node:path';
import { isNamespaceRequest, type NamespaceRequest } from '../model/namespace.ts';
import { stateFiles } from '../model/state-files.ts';
import { readFolder, removeFile } from '../system/files.ts';
import { readState, writeState } from './state-file.ts';

/*
 * The network namespaces that `guestgate netns add` made, or began to make: a file for each is written before the namespace, and removed
 * after it: a namespace that was made halfway has its file.
 */

const folder = stateFiles.namespaces;
const format = 1;

/** @param name a namespace's: it holds nothing that a file's name may not */
const fileOf = (name: string) => join(folder, `${name}.json`);

/** What a namespace was asked for; undefined: guestgate made none of that name. */
export function readNamespace(name: string): NamespaceRequest | undefined {
  const read = readState<NamespaceRequest>(fileOf(name), format, isNamespaceRequest);
  return read.kind === 'read' && read.value.name === name ? read.value : undefined;
}

/** Whether guestgate made a namespace of that name, also where its file is damaged. */
export function isOurNamespace(name: string): boolean {
  return readState(fileOf(name), format, isNamespaceRequest).kind !== 'missing';
}

/** The names of all of them. */
export function namespaceNames(): string[] {
  return readFolder(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
}

/** @throws UserError if it cannot be written */
export function writeNamespace(request: NamespaceRequest): void {
  const { name, addresses, link, gateways, dns, mac, nat } = request;
  writeState(fileOf(name), format, {
    name,
    addresses,
    link,
    gateways,
    dns,
    ...(mac !== undefined && { mac }),
    ...(nat === true && { nat }),
  });
}

export function removeNamespaceFile(name: string): void {
  removeFile(fileOf(name));
}

/** Whether two requests ask for the same. */
export function isSameRequest(a: NamespaceRequest, b: NamespaceRequest): boolean {
  return keyOf(a) === keyOf(b);
}

/** The parts in a fixed order: a file's have the order in which they were written. */
function keyOf({ name, addresses, link, gateways, dns, mac, nat }: NamespaceRequest): string {
  const { kind, ...where } = link;
  const at = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  const placed = addresses.map(({ address, prefix }) => [address, prefix]);
  return JSON.stringify([name, placed, kind, at, gateways, dns, mac ?? '', nat === true]);
}
