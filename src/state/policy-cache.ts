import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { NetworkPolicyFound } from '../model/network-policy.ts';
import type { AbsentPolicy, GuestPolicyFound, HostPolicy } from '../model/policy.ts';
import { stateFiles } from '../model/state-files.ts';
import { readText, writeWhole } from '../system/files.ts';
import { joinStamps, stampOf } from './file-stamp.ts';
import { findLine, type LinesFile, sortLines } from './sorted-lines.ts';

/*
 * What the configuration files said, parsed, so that an event need not parse what has not changed: a head, a line
 * for each guest, sorted by name so that one is found without reading the others, and a line with the stamps of all
 * files. It is in the state folder, which only root can write, and holds only configurations without a mistake.
 */

/** Which file contains a guest's policy. */
export interface CachedGuest {
  readonly file: string;
  readonly found: GuestPolicyFound;
}

interface Head {
  readonly format: 8;
  /** How many bytes the guests' lines are, and how many all that follows: a file that was cut is none. */
  readonly guests: number;
  readonly bytes: number;
  readonly host: HostPolicy;
  readonly networks: readonly (readonly [name: string, found: NetworkPolicyFound])[];
  readonly absent: readonly AbsentPolicy[];
  /** Folders and files with their stamps: all of them, or, where there are very many, the few that all guests share. */
  readonly stamps: readonly (readonly [path: string, stamp: string])[];
  /** Whether each guest's own file has to be looked at too. */
  readonly perGuest: boolean;
}

type CachedLine = readonly [stamp: string, file: string, found: GuestPolicyFound];

const cache = stateFiles.policies;

/** More files than this are not all looked at on every event: then folders, main file and the guest's own are. */
const mostFiles = 200;

/** Files that changed as lately as the clock of file systems ticks (10 ms at most) may change again unseen. In nanoseconds. */
const settled = 100_000_000n;

export interface CachedPolicies {
  /** `configurationStamp()` of the files that it was compared with. */
  readonly stamp: string;
  readonly host: HostPolicy;
  readonly networks: ReadonlyMap<string, NetworkPolicyFound>;
  /** See `Configuration`: undefined where each guest's own file would have to be looked at. */
  readonly absent?: readonly AbsentPolicy[] | undefined;
  /** `stale`: the guest's own file has changed. */
  readonly guest: (name: string) => GuestPolicyFound | 'stale' | undefined;
}

/** What was cached, if it is still what the files say. It is read until this process ends. */
export function readPolicyCache(): CachedPolicies | undefined {
  const opened = open();
  if (opened === undefined) return undefined;
  const { file, head, from } = opened;
  if (!head.stamps.every(isAsBefore)) {
    closeSync(file.descriptor);
    return undefined;
  }
  const found = new Map<string, GuestPolicyFound | 'stale' | undefined>();
  const find = (name: string) => {
    const line = findLine(file, from, from + head.guests, JSON.stringify(name));
    return line === undefined ? undefined : parsePolicy(line, head.perGuest);
  };
  return {
    stamp: joinStamps(head.stamps.map(([, stamp]) => stamp)),
    host: head.host,
    networks: new Map(head.networks),
    ...(!head.perGuest && { absent: head.absent }),
    guest: (name) => {
      // The first look at an event asks for the same names as the plan.
      if (!found.has(name)) found.set(name, find(name));
      return found.get(name);
    },
  };
}

/** The file, its head, and where the guests' lines begin; undefined if it is not there, or not whole. */
function open(): { file: LinesFile; head: Head; from: number } | undefined {
  let descriptor: number | undefined;
  try {
    // Not blocking: it may be a pipe, which no program writes to.
    descriptor = openSync(cache, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) throw new Error('no regular file');
    const { beginning, length } = withFirstLine(descriptor);
    const head = JSON.parse(beginning.toString('utf8', 0, length)) as Head;
    const from = length + 1;
    if (head.format === 8 && fstatSync(descriptor).size === from + head.bytes)
      return { file: { descriptor, beginning }, head, from };
  } catch {
    // Not there, or garbage.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** The file's first bytes, as many as hold its first line, and the length of that. */
function withFirstLine(descriptor: number): { beginning: Buffer; length: number } {
  for (let length = 1 << 15; ; length *= 4) {
    const buffer = Buffer.allocUnsafe(length);
    const beginning = buffer.subarray(0, readSync(descriptor, buffer, 0, length, 0));
    const newline = beginning.indexOf(0x0a);
    if (newline >= 0 || beginning.length < length) return { beginning, length: Math.max(newline, 0) };
  }
}

function parsePolicy(line: string, perGuest: boolean): GuestPolicyFound | 'stale' {
  try {
    const [stamp, path, found] = JSON.parse(line) as CachedLine;
    return perGuest && stampOf(path).text !== stamp ? 'stale' : found;
  } catch {
    return 'stale';
  }
}

/** All that was cached, if every file is still as it was: also those that spoke of no guest. */
export function readWholePolicyCache():
  | (Omit<CachedPolicies, 'guest' | 'stamp'> & { readonly guests: Map<string, GuestPolicyFound> })
  | undefined {
  const opened = open();
  if (opened === undefined) return undefined;
  closeSync(opened.file.descriptor);
  try {
    const lines = (readText(cache) ?? '').split('\n');
    const stamps = JSON.parse(lines.at(-2) ?? '') as Head['stamps'];
    if (!stamps.every(isAsBefore)) return undefined;
    const { host, networks, absent } = opened.head;
    return { host, networks: new Map(networks), absent, guests: new Map(lines.slice(1, -2).map(parseLine)) };
  } catch {
    return undefined;
  }
}

function parseLine(line: string): [name: string, found: GuestPolicyFound] {
  const tab = line.indexOf('\t');
  const [, , found] = JSON.parse(line.slice(tab + 1)) as CachedLine;
  return [JSON.parse(line.slice(0, tab)) as string, found];
}

function isAsBefore([path, stamp]: Head['stamps'][number]): boolean {
  return stampOf(path).text === stamp;
}

/**
 * Remembers a configuration without mistakes, unless its files changed a moment ago.
 *
 * @param paths the folders, the main file and all others
 * @param guests by name or UUID, with the file that contains each
 * @param unchanged whether the files are still as they were read, asked after their stamps are taken
 */
export function writePolicyCache(
  paths: { readonly shared: readonly string[]; readonly others: readonly string[] },
  { host, networks, absent = [] }: Pick<CachedPolicies, 'host' | 'networks' | 'absent'>,
  guests: ReadonlyMap<string, CachedGuest>,
  unchanged: () => boolean,
): void {
  const stamps = new Map([...paths.shared, ...paths.others].map((path) => [path, stampOf(path)] as const));
  const recent = BigInt(Date.now()) * 1_000_000n - settled;
  if ([...stamps.values()].some(({ changed }) => changed > recent)) return;
  if (!unchanged()) return;
  const perGuest = paths.others.length > mostFiles;
  const watched = perGuest ? paths.shared : [...stamps.keys()];
  const lines = sortLines(
    [...guests].map(([name, { file: path, found }]) => [
      JSON.stringify(name),
      JSON.stringify([stamps.get(path)?.text, path, found]),
    ]),
  ).join('');
  const all = `${JSON.stringify([...stamps].map(([path, stamp]) => [path, stamp.text]))}\n`;
  const length = Buffer.byteLength(lines);
  const head: Head = {
    format: 8,
    guests: length,
    bytes: length + Buffer.byteLength(all),
    host,
    networks: [...networks],
    absent,
    stamps: watched.map((path) => [path, stamps.get(path)?.text ?? 'missing']),
    perGuest,
  };
  writeWhole(cache, `${JSON.stringify(head)}\n${lines}${all}`);
}
