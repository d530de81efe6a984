import type { Address } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import { isGuest, isGuestElement } from '../model/element-shape.ts';
import { aboutGuest, type Finding, isFinding } from '../model/finding.ts';
import { type Guest, type GuestId, guestOf, recordName } from '../model/guest.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import { isCount, isList, isObject, isRecordOf, isText, isTrue } from '../model/shape.ts';
import { removeFile } from '../system/files.ts';
import { recordFile, recordNames } from './record-files.ts';
import { readState, type StateRead, setAside, writeState } from './state-file.ts';

/** An address of a guest's, where it was found, and the interface that has it. */
export interface GuestAddress {
  readonly address: Address;
  readonly source: string;
  readonly mac?: string;
}

/** The addresses of an interface that forwards choose: at most one of each family. */
export interface InterfaceAddresses {
  readonly choice: InterfaceChoice;
  readonly addresses: readonly GuestAddress[];
}

/** Where a guest was found. */
export interface KnownAddresses {
  readonly address?: Address;
  /** Where the address was found. */
  readonly addressSource?: string;
  /** The interface that has the address. */
  readonly addressMac?: string;
  /** The same of the second address, where the guest has one of each family. */
  readonly otherAddress?: GuestAddress;
  /** The same of the interfaces that forwards choose. */
  readonly interfaceAddresses?: readonly InterfaceAddresses[];
  /** The addresses of these that the policy gives: they do not stay when it no longer gives them. */
  readonly givenAddresses?: readonly Address[];
  /** DHCP gives the address, by a lease or a reservation: it may come, or become another, at any time. See `src/apply/follow-guests.ts`. */
  readonly byLease?: true;
}

/** All of these, the usual ones first. */
export function knownAddresses({
  address,
  otherAddress,
  interfaceAddresses = [],
}: KnownAddresses): readonly Address[] {
  const usual = [address, otherAddress?.address].filter((one) => one !== undefined);
  const onInterfaces = interfaceAddresses.flatMap(({ addresses }) => addresses.map((one) => one.address));
  return [...new Set([...usual, ...onInterfaces])];
}

/** What a running guest has in the kernel, and what became of its policy. */
export interface GuestRecord extends KnownAddresses {
  readonly guest: Guest;
  readonly elements: readonly Element[];
  /** Its policy confines each interface that it gets, also one that it does not have yet. */
  readonly confined?: true;
  /** Its policy was in metadata alone: it gives way to policies in files. */
  readonly weak?: true;
  /** The number of the transaction that wrote it: a plan that was made from another one is made again. */
  readonly generation: number;
  /** Why the file could not be read: nothing else here is more than a guess from its name. */
  readonly unreadable?: string;
  /**
   * The stamp of the hypervisor's file when an interface was attached or detached: as long as the file is that one, it does
   * not show the change yet, and `guest.nics` counts.
   */
  readonly outdatedFile?: string;
  /** What could not be done when it was written, for `status` and `check`. */
  readonly problems: readonly Finding[];
  /** Ports of bridges that were switched to hairpin mode for it, by the name of the tap. */
  readonly hairpinPorts: readonly string[];
  /** Bridges that route 127.0.0.0/8 because of it, and did not before. */
  readonly loopbackBridges?: readonly string[];
  /** The interfaces that its own connections leave through, by the address that they leave with, when it was planned. */
  readonly uplinks?: { readonly [address: Address]: readonly string[] };
  /** The addresses of the interfaces that its forwards name, when it was planned. */
  readonly uplinkAddresses?: { readonly [interface_: string]: readonly Address[] };
  readonly since: string;
  /** The elements that it could not get, as a digest, and how often they were tried. See `src/reconcile/set-aside.ts`. */
  readonly failed?: { readonly digest: string; readonly times: number };
}

/** The format number of records. In format 1 problems were texts. */
const format = 2;
const isMac = isText;
const isAddressFound = isObject({ address: isText, source: isText, 'mac?': isMac });
const hasShape = isObject({
  guest: isGuest,
  elements: isList(isGuestElement),
  generation: isCount,
  problems: isList(isFinding),
  hairpinPorts: isList(isText),
  'loopbackBridges?': isList(isText),
  since: isText,
  'failed?': isObject({ digest: isText, times: isCount }),
  'weak?': isTrue,
  'confined?': isTrue,
  'outdatedFile?': isText,
  'uplinks?': isRecordOf(isList(isText)),
  'uplinkAddresses?': isRecordOf(isList(isText)),
  'address?': isText,
  'addressSource?': isText,
  'addressMac?': isMac,
  'otherAddress?': isAddressFound,
  'givenAddresses?': isList(isText),
  'interfaceAddresses?': isList(isObject({ choice: isObject({}), addresses: isList(isAddressFound) })),
});

/** The record of that name; undefined if there is none. One that cannot be read says so, and holds nothing. */
export function readRecord(name: string): GuestRecord | undefined {
  const read: StateRead<GuestRecord> = readState(recordFile(name), format, hasShape);
  if (read.kind === 'missing') return undefined;
  if (read.kind === 'read') return read.value;
  const guest = { ...guestOf(name), nics: [] };
  return {
    guest,
    elements: [],
    generation: 0,
    unreadable: read.why,
    problems: [
      {
        kind: 'unreadable',
        subject: aboutGuest(guest),
        problem: `its record ${recordFile(name)} cannot be read: ${read.why}`,
        severity: 'something',
      },
    ],
    hairpinPorts: [],
    since: '',
  };
}

/** Moves a record that cannot be read out of the way. @returns where it is now */
export function setRecordAside(name: string): string {
  return setAside(recordFile(name));
}

export function writeRecord(record: GuestRecord): void {
  const { unreadable: _, ...fields } = record;
  writeState(recordFile(recordName(record.guest)), format, fields);
}

/**
 * Removes a record; one that cannot be read, and may be a folder or a pipe, is set aside.
 *
 * @param known the record, if it has been read
 */
export function removeRecord(
  id: GuestId,
  known: Pick<GuestRecord, 'unreadable'> | undefined = readRecord(recordName(id)),
): void {
  const name = recordName(id);
  if (known?.unreadable === undefined) removeFile(recordFile(name));
  else setRecordAside(name);
}

/** All records, in the order of their names. */
export function readRecords(): GuestRecord[] {
  return recordNames().flatMap((name) => readRecord(name) ?? []);
}
