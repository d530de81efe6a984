import { parse, TomlError } from 'smol-toml';
import type { ConfigurationFile } from '../model/configuration-file.ts';
import type { NetworkPolicyFound } from '../model/network-policy.ts';
import {
  type AbsentPolicy,
  defaultHostPolicy,
  type GuestPolicyFound,
  type HostPolicy,
} from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { absentPolicies } from './absent-policies.ts';
import { parseGuestTable } from './guest-table.ts';
import { parseHostTable } from './host-table.ts';
import { parseNetworkTable } from './network-table.ts';
import { excessOf, remedyOf } from './policy-size.ts';
import { topLevelTables } from './schema.ts';
import { suggest } from './spelling.ts';
import { isTable, type Place, problemAt } from './validate.ts';

/** The policies of guests, by name or UUID. */
export interface GuestPolicies {
  readonly get: (nameOrUuid: string) => GuestPolicyFound | undefined;
}

export interface Configuration {
  readonly host: HostPolicy;
  /** By name or UUID, as the administrator wrote it. */
  readonly guests: GuestPolicies;
  /** By the name of the libvirt network. */
  readonly networks: ReadonlyMap<string, NetworkPolicyFound>;
  /** The guests for whose public addresses the host drops packets while they do not run; undefined: not all files were read. */
  readonly absent?: readonly AbsentPolicy[] | undefined;
  /** All that is wrong, in the order of the files. */
  readonly problems: readonly Problem[];
  /** Files that could not be read or parsed: a guest that no other file names might have its policy there. */
  readonly unread: readonly Problem[];
  /** Why no guest can get rules: `[host]` is wrong, or the file that contains it cannot be read. */
  readonly hostUnknown: readonly Problem[];
}

/** A configuration just read: every guest in it, and the file that contains each. */
export interface ParsedConfiguration extends Configuration {
  readonly guests: ReadonlyMap<string, GuestPolicyFound>;
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Reads all files, and continues after every problem.
 *
 * @param main the path of the file that `[host]` belongs in
 */
export function parseConfiguration(files: readonly ConfigurationFile[], main: string): ParsedConfiguration {
  const reading: Reading = {
    host: defaultHostPolicy,
    hostFile: undefined,
    guests: new Map(),
    places: new Map(),
    networks: new Map(),
    networkPlaces: new Map(),
    problems: [],
    unread: [],
    hostUnknown: [],
  };
  for (const file of files) {
    const unread = readFile(file, reading);
    if (unread === undefined) continue;
    reading.unread.push(unread);
    if (file.path === main) reading.hostUnknown.push(unread);
  }
  const { host, guests, places, networks, problems, unread, hostUnknown } = reading;
  for (const [name, { policy, problems: wrong }] of guests) {
    const place = { file: places.get(name) ?? '', path: ['guest', name] };
    const excess = excessOf(policy, host.limits).map((one) =>
      problemAt(place, [], one.problem, remedyOf(one, 'limits')),
    );
    if (excess.length === 0) continue;
    guests.set(name, { policy, problems: [...wrong, ...excess] });
    problems.push(...excess);
  }
  const all = [...unread, ...problems];
  return {
    host,
    guests,
    places,
    networks,
    absent: absentPolicies(guests),
    problems: all,
    unread,
    hostUnknown,
  };
}

interface Reading {
  host: HostPolicy;
  hostFile: string | undefined;
  readonly guests: Map<string, GuestPolicyFound>;
  readonly places: Map<string, string>;
  readonly networks: Map<string, NetworkPolicyFound>;
  readonly networkPlaces: Map<string, string>;
  readonly problems: Problem[];
  readonly unread: Problem[];
  readonly hostUnknown: Problem[];
}

/** @returns why the file could not be read, if so */
function readFile(file: ConfigurationFile, reading: Reading): Problem | undefined {
  if (file.refused !== undefined) return file.refused;
  const document = parseToml(file.path, file.text ?? '');
  if ('problem' in document) return document.problem;
  for (const [key, value] of Object.entries(document.tables)) {
    const place = { file: file.path, path: [key] };
    if (key === 'host') readHost(value, place, reading);
    else if (key === 'guest') readNamed(value, place, 'guest', parseGuestTable, reading.guests, reading);
    else if (key === 'network')
      readNamed(value, place, 'network', parseNetworkTable, reading.networks, reading);
    else {
      const top = { ...place, path: [] };
      reading.problems.push(problemAt(top, [key], `unknown key "${key}"`, suggest(key, topLevelTables)));
    }
  }
  return undefined;
}

/** A half-written text, or a typing error: nothing in the file counts then. */
function parseToml(path: string, text: string): { tables: Record<string, unknown> } | { problem: Problem } {
  try {
    return { tables: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const said = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
    const problem = `invalid TOML: ${said} (column ${error.column})`;
    return { problem: { where: `${path}:${error.line}`, problem } };
  }
}

function readHost(value: unknown, place: { file: string; path: string[] }, reading: Reading): void {
  const { host, problems } = parseHostTable(value, place);
  if (reading.hostFile !== undefined) {
    problems.push(problemAt(place, [], `[host] is in ${reading.hostFile} too`, 'keep one of them'));
  }
  reading.hostFile = place.file;
  reading.problems.push(...problems);
  reading.hostUnknown.push(...problems);
  if (problems.length === 0) reading.host = host;
}

/** Tables with a name: `[guest.NAME]`, `[network.NAME]`. */
function readNamed<Found extends { readonly problems: readonly Problem[] }>(
  value: unknown,
  place: { file: string; path: string[] },
  kind: 'guest' | 'network',
  parseTable: (table: unknown, at: Place) => Found,
  found: Map<string, Found>,
  reading: Reading,
): void {
  if (!isTable(value)) {
    reading.problems.push(problemAt(place, [], `must be tables: [${kind}.NAME]`));
    return;
  }
  const places = kind === 'guest' ? reading.places : reading.networkPlaces;
  for (const [name, table] of Object.entries(value)) {
    const at = { file: place.file, path: [...place.path, name] };
    const parsed = parseTable(table, at);
    const other = places.get(name);
    const problems =
      other === undefined
        ? parsed.problems
        : [
            ...parsed.problems,
            problemAt(at, [], `the ${kind}'s policy is in ${other} too`, 'keep one of them'),
          ];
    found.set(name, { ...parsed, problems: [...(found.get(name)?.problems ?? []), ...problems] });
    places.set(name, place.file);
    reading.problems.push(...problems);
  }
}
