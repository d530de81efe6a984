import { join } from 'node:path';
import { readPersistentDomain } from '../libvirt/files.ts';
import { denies } from '../model/access.ts';
import type { ConfigurationFile } from '../model/configuration-file.ts';
import { type Finding, policyFault } from '../model/finding.ts';
import { type Guest, uuidIn } from '../model/guest.ts';
import { exactKey } from '../model/guest-keys.ts';
import { paths } from '../model/paths.ts';
import type { GuestPolicyFound } from '../model/policy.ts';
import { type Problem, withKey } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import type { Configuration } from '../policy/configuration.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import {
  type CachedGuest,
  type CachedPolicies,
  readPolicyCache,
  readWholePolicyCache,
  writePolicyCache,
} from '../state/policy-cache.ts';
import { singleFlight } from '../state/single-flight.ts';
import { bestEffort } from '../system/best-effort.ts';
import { mainFile, readConfigurationFiles } from '../system/configuration-files.ts';
import { hasState } from '../system/files.ts';
import { keysInFiles } from './guest-identity.ts';

export interface LoadedConfiguration extends Configuration {
  readonly files: readonly ConfigurationFile[];
}

/** With the policies of all guests. */
export interface WholeConfiguration extends LoadedConfiguration {
  readonly guests: ReadonlyMap<string, GuestPolicyFound>;
}

/** The configuration as it is on disk now. Never throws: its `problems` hold all mistakes. */
export async function loadConfiguration(): Promise<WholeConfiguration> {
  const cached = readWholePolicyCache();
  if (cached !== undefined) return { ...cached, problems: [], unread: [], hostUnknown: [], files: [] };
  const { parseConfiguration } = await import('../policy/configuration.ts');
  const stamp = configurationStamp();
  const files = readConfigurationFiles(paths.configuration);
  const parsed = parseConfiguration(files, mainFile(paths.configuration));
  if (parsed.problems.length === 0 && hasState()) {
    const guests = new Map<string, CachedGuest>();
    for (const [name, found] of parsed.guests)
      guests.set(name, { file: parsed.places.get(name) ?? '', found });
    const main = mainFile(paths.configuration);
    const shared = [paths.configuration, main, join(paths.configuration, 'guests.d')];
    const others = files.map(({ path }) => path).filter((path) => path !== main);
    // The cache takes the stamps of the files as they are now: another program may have changed one since it was read.
    const unchanged = () => configurationStamp() === stamp;
    bestEffort('writing the policy cache', () =>
      writePolicyCache({ shared, others }, parsed, guests, unchanged),
    );
  }
  return { ...parsed, files };
}

/**
 * Whether the files refuse a guest whose event failed: `on_error = "deny"` under one of the keys that name it. Where its XML gave no
 * UUID, libvirt's definition does.
 */
export async function deniesStart({ driver, name, uuid }: Omit<Guest, 'nics'>): Promise<boolean> {
  const known = uuid ?? uuidIn(readPersistentDomain(exactKey({ driver, name }))?.xml ?? '');
  const { guests, networks } = await loadConfiguration();
  const keys = keysInFiles({ driver, name, ...(known !== undefined && { uuid: known }) });
  const own = keys.flatMap((key) => guests.get(key)?.policy ?? []);
  if (own.some(({ onError, access }) => onError !== undefined || access !== undefined))
    return own.some(denies);
  // Its interfaces are not known here: any network that confines its guests may be one of theirs.
  return [...networks.values()].some(({ policy }) => denies(policy));
}

/**
 * The same for an event of some guests: what is cached is not parsed again.
 *
 * @param names the names and UUIDs that policies will be asked for
 * @param known the cached policies, if they have been read
 */
export async function loadPoliciesOf(
  names: readonly string[],
  known: CachedPolicies | undefined,
): Promise<LoadedConfiguration> {
  const read = () => cachedPoliciesOf(names, readPolicyCache());
  return (
    cachedPoliciesOf(names, known) ??
    singleFlight<LoadedConfiguration>(stateFiles.parsing, read, loadConfiguration)
  );
}

function cachedPoliciesOf(
  names: readonly string[],
  cached: CachedPolicies | undefined,
): LoadedConfiguration | undefined {
  const found = new Map(names.map((name) => [name, cached?.guest(name)] as const));
  if (cached === undefined || [...found.values()].includes('stale')) return undefined;
  const get = (name: string) => {
    const policy = found.get(name);
    return policy === 'stale' ? undefined : policy;
  };
  const { host, networks, absent } = cached;
  return { host, networks, absent, guests: { get }, problems: [], unread: [], hostUnknown: [], files: [] };
}

/** A mistake in the configuration: the subject is its file and line, or its place in a domain's XML. */
export interface Mistake extends Finding {
  readonly subject: string;
}

/** The mistakes as findings, each with its line. A slower parser, which knows lines, reads the files again for it. */
export async function locate(
  problems: readonly Problem[],
  files: readonly ConfigurationFile[],
): Promise<Mistake[]> {
  if (!problems.some((problem) => problem.path !== undefined))
    return problems.map((problem) => findingOf(problem, problem.where));
  const { lineOf } = await import('../policy/toml-lines.ts');
  return problems.map((problem) => {
    const { path, where } = problem;
    const text = path && files.find((file) => file.path === where)?.text;
    const hasLine = path !== undefined && text !== undefined;
    return findingOf(problem, hasLine ? `${where}:${lineOf(text, path)}` : where);
  });
}

function findingOf(problem: Problem, subject: string): Mistake {
  const { hint, fix } = problem;
  return { subject, ...policyFault(withKey(problem), hint), ...(fix !== undefined && { fix }) };
}
