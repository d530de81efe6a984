import { exitCodes } from '../model/exit-code.ts';
import type { LocalGuest, Witness } from '../model/local-guest.ts';
import { visibleLine } from '../model/visible-text.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type LocalFile, readLocalFiles } from '../state/local-guests.ts';
import { isWitnessed } from '../system/witness.ts';
import { print, printError, printJson, table } from './output.ts';

/** A local guest, and whether it runs. */
interface Listed {
  readonly name: string;
  readonly kind: LocalGuest['kind'];
  readonly state: 'running' | 'ended';
  readonly addresses: readonly string[];
  readonly witness: Witness;
}

/** Prints the local guests. @returns the exit code */
export function printLocalGuests(json: boolean): number {
  const files = readLocalFiles();
  const guests = files.flatMap(({ read }) => (read.kind === 'read' ? [listedOf(read.value)] : []));
  for (const { path, why } of damaged(files)) printError(`reading ${path}: ${why}`);
  if (json) printJson({ guests });
  else print(renderLocalGuests(guests));
  return damaged(files).length > 0 ? exitCodes.failed : exitCodes.done;
}

function listedOf({ kind, guest, witness }: LocalGuest): Listed {
  return {
    name: guest.name,
    kind,
    state: isWitnessed(witness) && !hasEnded(guest) ? 'running' : 'ended',
    addresses: guest.nics.flatMap(({ addresses }) => addresses),
    witness,
  };
}

function damaged(files: readonly LocalFile[]) {
  return files.flatMap(({ path, read }) => (read.kind === 'unreadable' ? [{ path, why: read.why }] : []));
}

/** As a table, with what each guest runs on. */
export function renderLocalGuests(guests: readonly Listed[]): string {
  if (guests.length === 0) return 'no local guests';
  const rows = guests.map(({ name, kind, state, addresses, witness }) =>
    [name, kind, state, addresses.join(' '), describeWitness(witness)].map(visibleLine),
  );
  return table([['NAME', 'KIND', 'STATE', 'ADDRESSES', 'RUNS WHILE'], ...rows]);
}

function describeWitness({ namespace, interface: name, process }: Witness): string {
  const parts = [
    ...(namespace === undefined ? [] : [`${namespace.path} is there`]),
    ...(name === undefined ? [] : [`interface ${name} is there`]),
    ...(process === undefined ? [] : [`process ${process.pid} runs`]),
  ];
  return parts.length === 0 ? 'until guest down' : parts.join(', ');
}
