import { existsSync } from 'node:fs';
import { type Family, families } from '../model/address.ts';
import {
  type AntispoofTable,
  antispoofTables,
  antispoofTablesOf,
  isInPortTables,
} from '../model/antispoof.ts';
import { type Element, familyOfElement } from '../model/element.ts';
import { isList, isObject, isOneOf, isTrue } from '../model/shape.ts';
import { earlierStateFiles, stateFiles } from '../model/state-files.ts';
import { removeFile } from '../system/files.ts';
import { readRecords } from './records.ts';
import { readState, type StateRead, setAside, writeState } from './state-file.ts';

/*
 * What any guest has needed since the host was booted: until then, guestgate looks neither at IPv6 nor at the tables of
 * guests' ports. Written with the lock held.
 */

const file = stateFiles.needed;
const format = 1;
const hasShape = isObject({ 'ip6?': isTrue, 'ports?': isList(isOneOf(...antispoofTables)) });

interface Needed {
  readonly ip6?: true;
  /** The tables of guests' ports. */
  readonly ports?: readonly AntispoofTable[];
}

/** Empty files that said the same in an earlier version. */
const { ip6, bridge, inet } = earlierStateFiles;
const earlier = { ip6, bridge, inet } as const;

/** The families that any guest has had elements of, IPv4 at least. */
export function recordedFamilies(): readonly Family[] {
  return readNeeded().ip6 === true ? families : ['ip'];
}

/** The tables of guests' ports that any guest has needed. */
export function recordedAntispoofTables(): readonly AntispoofTable[] {
  return readNeeded().ports ?? [];
}

/**
 * Writes down what elements need, before the kernel changes.
 *
 * @throws UserError if the file cannot be written
 */
export function noteNeeded(elements: readonly Element[]): void {
  const known = readNeeded();
  const wanted = together(known, neededBy(elements));
  if (JSON.stringify(wanted) === JSON.stringify(together(known, {}))) return;
  writeState(file, format, wanted);
  for (const path of Object.values(earlier)) removeFile(path);
}

/**
 * Moves a file that cannot be read out of the way, and writes what the records need.
 *
 * @returns what the log has to say; undefined where nothing was wrong
 */
export function repairNeeded(): string | undefined {
  const read = readState(file, format, hasShape);
  if (read.kind !== 'unreadable') return undefined;
  const fromRecords = readNeeded();
  const where = setAside(file);
  writeState(file, format, fromRecords);
  return `reading the state: ${file} cannot be read: ${read.why}: moved to ${where}; written again from the records`;
}

/** Where the file cannot be read, the records say it: those of guests that have ended need nothing. */
function readNeeded(): Needed {
  const read: StateRead<Needed> = readState(file, format, hasShape);
  switch (read.kind) {
    case 'read':
      return read.value;
    case 'missing':
      return readEarlier();
    case 'unreadable':
      return neededBy(readRecords().flatMap(({ elements }) => elements));
  }
}

function readEarlier(): Needed {
  return needed(
    existsSync(earlier.ip6),
    antispoofTables.filter((table) => existsSync(earlier[table])),
  );
}

function neededBy(elements: readonly Element[]): Needed {
  const ports = new Set(elements.filter(isInPortTables).flatMap(antispoofTablesOf));
  return needed(
    elements.some((element) => familyOfElement(element) === 'ip6'),
    [...ports],
  );
}

function together(one: Needed, other: Needed): Needed {
  const ports = new Set([...(one.ports ?? []), ...(other.ports ?? [])]);
  return needed(one.ip6 === true || other.ip6 === true, [...ports]);
}

function needed(ip6: boolean, ports: readonly AntispoofTable[]): Needed {
  const inOrder = antispoofTables.filter((table) => ports.includes(table));
  return { ...(ip6 && { ip6 }), ...(inOrder.length > 0 && { ports: inOrder }) };
}
