import { isCount, isList, isObject, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { readState, writeState } from './state-file.ts';

/*
 * One file says whether kernel and records agree. It is written before anything of a transaction is changed and again
 * when all of it is done; so names in `pending` show the next process that one ended in between, or that the kernel
 * refused something. It then rebuilds the kernel's rules from the records.
 */

export interface Journal {
  /** Counts the transactions since boot: every record carries the number of the one that wrote it. */
  readonly transaction: number;
  /** What the transaction changes: the names of guests' records, `networks`, `all`. Empty: kernel and records agree. */
  readonly pending: readonly string[];
  /** The names of records whose guests were refused a port or an address that another guest holds. */
  readonly refused: readonly string[];
}

const file = stateFiles.journal;
const format = 1;
const hasShape = isObject({ transaction: isCount, pending: isList(isText), 'refused?': isList(isText) });

/** The journal; one that is missing or unreadable says nothing, so nothing is known to agree. */
export function readJournal(): Journal {
  const read = readState<Journal>(file, format, hasShape);
  return read.kind === 'read'
    ? { ...read.value, refused: read.value.refused ?? [] }
    : { transaction: 0, pending: ['all'], refused: [] };
}

/** Whether a transaction that concerned this record, or all of them, did not finish. */
export function isPending(record: string): boolean {
  const read = readState<Journal>(file, format, hasShape);
  if (read.kind !== 'read') return read.kind === 'unreadable';
  return read.value.pending.includes(record) || read.value.pending.includes('all');
}

/** @throws UserError if there is no room, or the file cannot be written */
export function writeJournal({ transaction, pending, refused }: Journal): void {
  writeState(file, format, { transaction, pending, refused });
}
