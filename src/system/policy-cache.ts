import { statSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../model/places.ts';
import type { GuestPolicyFound, HostPolicy } from '../model/policy.ts';
import { readText, writeWhole } from './files.ts';

/*
 * What the configuration files said, parsed, so that an event need not parse what has not changed: a head, a line
 * for each guest, found by its name without reading the others, and a line with the stamps of all files. It stands in the state folder, which only
 * root can write, and holds only configurations without a mistake in them.
 */

/** Which file a guest's policy stands in. */
export interface CachedGuest {
  readonly file: string;
  readonly found: GuestPolicyFound;
}

interface Head {
  readonly format: 2;
  readonly host: HostPolicy;
  /** Folders and files with their stamps: all of them, or, where there are very many, the few that all guests share. */
  readonly stamps: readonly (readonly [path: string, stamp: string])[];
  /** Whether each guest's own file has to be looked at too. */
  readonly perGuest: boolean;
}

type CachedLine = readonly [stamp: string, file: string, found: GuestPolicyFound];

const file = join(places.state, 'policies');

/** The last line, with the stamps of all files: no guest's line begins so. */
const everyFile = '*\t';

/** More files than this are not all looked at on every event: then folders, main file and the guest's own are. */
const mostFiles = 200;

/** Files that changed as lately as the clock of file systems ticks (10 ms at most) may change again unseen. In nanoseconds. */
const settled = 100_000_000n;

export interface CachedPolicies {
  readonly host: HostPolicy;
  /** `stale`: the guest's own file has changed. */
  readonly guest: (name: string) => GuestPolicyFound | 'stale' | undefined;
}

/** What was cached, if it is still what the files say. */
export function readPolicyCache(): CachedPolicies | undefined {
  const text = tryToRead();
  if (text === undefined || !isWhole(text)) return undefined;
  try {
    const head = JSON.parse(text.slice(0, text.indexOf('\n'))) as Head;
    if (head.format !== 2 || !head.stamps.every(([path, stamp]) => stampOf(path).text === stamp))
      return undefined;
    return { host: head.host, guest: (name) => findGuest(text, name, head.perGuest) };
  } catch {
    return undefined;
  }
}

/** A guest that stood in a part that is missing would count as one that nobody says anything of. */
function isWhole(text: string): boolean {
  return text.endsWith('\n') && text.startsWith(everyFile, text.lastIndexOf('\n', text.length - 2) + 1);
}

function tryToRead(): string | undefined {
  try {
    return readText(file);
  } catch {
    return undefined;
  }
}

/** All that was cached, if every file is still as it was: also those that spoke of no guest. */
export function readWholePolicyCache():
  | { host: HostPolicy; guests: Map<string, GuestPolicyFound> }
  | undefined {
  const head = readPolicyCache();
  const lines = tryToRead()?.split('\n') ?? [];
  const last = lines.at(-2);
  if (head === undefined || !last?.startsWith(everyFile)) return undefined;
  try {
    const stamps = JSON.parse(last.slice(everyFile.length)) as Head['stamps'];
    if (!stamps.every(([path, stamp]) => stampOf(path).text === stamp)) return undefined;
    return { host: head.host, guests: new Map(lines.slice(1, -2).map(parseLine)) };
  } catch {
    return undefined;
  }
}

function parseLine(line: string): [name: string, found: GuestPolicyFound] {
  const tab = line.indexOf('\t');
  const [, , found] = JSON.parse(line.slice(tab + 1)) as CachedLine;
  return [JSON.parse(line.slice(0, tab)) as string, found];
}

function findGuest(text: string, name: string, perGuest: boolean): GuestPolicyFound | 'stale' | undefined {
  const key = `\n${JSON.stringify(name)}\t`;
  const start = text.indexOf(key);
  if (start < 0) return undefined;
  const from = start + key.length;
  try {
    const [stamp, path, found] = JSON.parse(text.slice(from, text.indexOf('\n', from))) as CachedLine;
    return perGuest && stampOf(path).text !== stamp ? 'stale' : found;
  } catch {
    return 'stale';
  }
}

/**
 * Remembers a configuration without mistakes, unless its files changed a moment ago.
 *
 * @param paths the folders, the main file and all others
 * @param guests by name or UUID, with the file each stands in
 */
export function writePolicyCache(
  paths: { readonly shared: readonly string[]; readonly others: readonly string[] },
  host: HostPolicy,
  guests: ReadonlyMap<string, CachedGuest>,
): void {
  const stamps = new Map([...paths.shared, ...paths.others].map((path) => [path, stampOf(path)] as const));
  const recent = BigInt(Date.now()) * 1_000_000n - settled;
  if ([...stamps.values()].some(({ changed }) => changed > recent)) return;
  const perGuest = paths.others.length > mostFiles;
  const watched = perGuest ? paths.shared : [...stamps.keys()];
  const head: Head = {
    format: 2,
    host,
    stamps: watched.map((path) => [path, stamps.get(path)?.text ?? 'missing']),
    perGuest,
  };
  const lines = [...guests].map(
    ([name, { file: path, found }]) =>
      `${JSON.stringify(name)}\t${JSON.stringify([stamps.get(path)?.text, path, found])}\n`,
  );
  const all = JSON.stringify([...stamps].map(([path, stamp]) => [path, stamp.text]));
  writeWhole(file, `${JSON.stringify(head)}\n${lines.join('')}${everyFile}${all}\n`);
}

interface Stamp {
  readonly text: string;
  /** Nanoseconds since 1970. */
  readonly changed: bigint;
}

/** Changes with every change of a file's content, name, owner or mode, and with its being there at all. */
function stampOf(path: string): Stamp {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return { text: 'missing', changed: 0n };
  const { ino, size, mtimeNs, ctimeNs } = status;
  return { text: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, changed: ctimeNs };
}
