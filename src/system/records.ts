import { existsSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Family, families } from '../model/address.ts';
import type { Card } from '../model/card.ts';
import { type Element, familyOfElement } from '../model/element.ts';
import { type Guest, type GuestId, guestDrivers } from '../model/guest.ts';
import { places } from '../model/places.ts';
import { readFolder, readText, removeFile, removeOrphans, writeWhole } from './files.ts';
import { noteVifTables } from './recorded-vifs.ts';

/** An address of a guest's, where it was found, and the card that has it. */
export interface GuestAddress {
  readonly address: Address;
  readonly source: string;
  readonly mac?: string;
}

/** The addresses of a card that forwards choose: at most one of each family. */
export interface CardAddresses {
  readonly card: Card;
  readonly addresses: readonly GuestAddress[];
}

/** Where a guest was found. */
export interface KnownAddresses {
  readonly address?: Address;
  /** Where the address was found. */
  readonly addressSource?: string;
  /** The card that has the address. */
  readonly addressMac?: string;
  /** The same of the second address, where the guest has one of each family. */
  readonly otherAddress?: GuestAddress;
  /** The same of the cards that forwards choose. */
  readonly cardAddresses?: readonly CardAddresses[];
  /** The address is what DHCP gave, or will give: it may come, or become another, at any time. See `app/follow.ts`. */
  readonly byLease?: true;
}

/** What a running guest has in the kernel, and what became of its policy. */
export interface Record extends KnownAddresses {
  readonly guest: Guest;
  readonly elements: readonly Element[];
  /**
   * Written before the kernel is changed and cleared after: where it is found set, somebody was killed in
   * between, and the kernel holds either what was before or what is here.
   */
  readonly pending: boolean;
  /** What could not be done, for `status`. */
  readonly problems: readonly string[];
  /** Ports of bridges that were switched to hairpin mode for it, by the name of the tap. */
  readonly hairpinPorts: readonly string[];
  /** Bridges that route 127.0.0.0/8 because of it, and did not before. */
  readonly loopbackBridges?: readonly string[];
  readonly since: string;
}

const folder = join(places.state, 'guests');
/** It is there from the first guest on that has something of IPv6: until then nobody looks at that family. */
const ip6File = join(places.state, 'ip6');

/** The name of a guest's record: unique, readable where the guest's name is, and safe as a file's name. */
export function recordName({ driver, name }: GuestId): string {
  if (/^[A-Za-z0-9_-]{1,120}$/.test(name)) return `${driver}-${name}`;
  const encoded = Array.from(Buffer.from(name, 'utf8'), encodeByte).join('');
  if (encoded.length <= 120) return `${driver}-${encoded}`;
  return `${driver}-${encoded.slice(0, 60)}~${digest(name)}`;
}

/** Loaded for the few names that are so long: it costs more than all else here. */
function digest(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The record of that name; undefined if there is none. One that cannot be read counts as pending and empty. */
export function readRecord(name: string): Record | undefined {
  const text = readText(join(folder, `${name}.json`));
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Partial<Record>;
    if (typeof record.guest?.name === 'string' && Array.isArray(record.elements)) return record as Record;
  } catch {
    // Garbage, like what is JSON and no record.
  }
  return {
    guest: { ...guestOf(name), nics: [] },
    elements: [],
    pending: true,
    problems: [],
    hairpinPorts: [],
    since: '',
  };
}

/** Whose record has that name, as far as names that were not cut can be read back. */
function guestOf(name: string): GuestId {
  const driver = guestDrivers.find((candidate) => name.startsWith(`${candidate}-`)) ?? 'qemu';
  const encoded = name.slice(driver.length + 1);
  try {
    return { driver, name: decodeURIComponent(encoded) };
  } catch {
    return { driver, name: encoded };
  }
}

export function hasRecord(id: GuestId): boolean {
  return existsSync(join(folder, `${recordName(id)}.json`));
}

/** Whether any guest has a record: however many there are, one look. */
export function hasRecords(): boolean {
  try {
    const opened = opendirSync(folder);
    const first = opened.readSync();
    opened.closeSync();
    return first !== null;
  } catch {
    return false;
  }
}

export function writeRecord(record: Record): void {
  const usesIp6 = record.elements.some((element) => familyOfElement(element) === 'ip6');
  if (usesIp6 && !existsSync(ip6File)) writeWhole(ip6File, '');
  noteVifTables(record.elements);
  writeWhole(join(folder, `${recordName(record.guest)}.json`), JSON.stringify(record));
}

/** The families that any guest's record has had elements of since the host was booted, IPv4 at least. */
export function recordedFamilies(): readonly Family[] {
  return existsSync(ip6File) ? families : ['ip'];
}

/** Whether the record on disk says just this. */
export function isRecorded(record: Record): boolean {
  return readText(join(folder, `${recordName(record.guest)}.json`)) === JSON.stringify(record);
}

export function removeRecord(id: GuestId): void {
  removeFile(join(folder, `${recordName(id)}.json`));
}

/** Removes all records but these: also those that cannot be read, whose guests' names were too long to be kept. */
export function keepOnly(kept: readonly Record[]): void {
  const names = new Set(kept.map((record) => recordName(record.guest)));
  removeOrphans(folder);
  for (const name of recordNames()) if (!names.has(name)) removeFile(join(folder, `${name}.json`));
}

/** All records, in the order of their names. */
export function readRecords(): Record[] {
  return recordNames().flatMap((name) => readRecord(name) ?? []);
}

export function recordNames(): string[] {
  return readFolder(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
}
