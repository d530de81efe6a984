import type { Backend } from '../backends/backend.ts';
import type { HeadRuleState } from '../backends/head-rule-state.ts';
import { type HeadRulePlace, inputPlaces, iptablesOf } from '../backends/head-rules.ts';
import type { Family } from '../model/address.ts';
import { familiesIn, familiesOf } from '../model/element.ts';
import type { Finding } from '../model/finding.ts';
import { isStanding, type NetworkElement } from '../model/network-element.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { hasProgram, legacyTables } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import type { PlaceStanding } from './head-rule-standing.ts';

/** The chains that need a head rule for guests on this host in these families. */
export function places(backend: Backend, families: readonly Family[]): HeadRulePlace[] {
  return placesBy(backend.places, backend, families);
}

/** Those that need one for services of the host. */
export function placesOfServices(backend: Backend, families: readonly Family[]): HeadRulePlace[] {
  return placesBy(inputPlaces, backend, families);
}

function placesBy(make: Backend['places'], backend: Backend, families: readonly Family[]): HeadRulePlace[] {
  return families.flatMap((family) => {
    const iptables = iptablesOf(family);
    // If iptables' programs are of one variant, they cannot change the rules of the other.
    const legacy = backend.name !== 'iptables-nft' || hasProgram(`${iptables}-legacy-restore`);
    const plain = backend.name === 'iptables-legacy' ? [] : [`${iptables}-restore`];
    const tables = legacy ? legacyTables(family) : [];
    const host = {
      legacyFilter: tables.includes('filter'),
      legacyNat: tables.includes('nat'),
      iptables: hasProgram(`${iptables}-nft-restore`, ...plain),
    };
    return [...make(host, family)];
  });
}

/**
 * The current state of a head rule, from the kernel, or from a program if the kernel cannot be asked.
 *
 * @param listings output of programs that have run already: one listing shows several chains
 */
export function look(
  { native, list, judge }: HeadRulePlace,
  listings: Map<string, string | undefined>,
): HeadRuleState {
  const rules = native && listRules(native.chain);
  if (native !== undefined && rules !== undefined)
    return native.judge(rules === 'missing' ? undefined : rules);
  const key = [list.program, ...list.args].join(' ');
  if (!listings.has(key)) listings.set(key, tryListing(list));
  return judge(listings.get(key));
}

/** A head rule as it is, and where it belongs. */
export interface PlacedHeadRule extends HeadRuleState {
  /** Whether it is where it belongs: first, or with nothing but bans and harmless rules above it. */
  readonly inPlace: boolean;
  /** The rules around it; undefined where nothing had to be read. */
  readonly standing?: PlaceStanding;
  readonly problem?: Finding;
}

/**
 * Looks at a head rule, and if it is not the first rule of its chain, at the rules above it.
 * A failure is returned as `problem`: an unknown state must not look like a head rule that is not needed.
 *
 * @param closely whether to read the other rules in any case
 */
export async function lookAround(
  place: HeadRulePlace,
  listings: Map<string, string | undefined>,
  closely = false,
): Promise<PlacedHeadRule> {
  try {
    const state = look(place, listings);
    const isClear = !state.needed || (state.first && !closely) || place.bans === undefined;
    if (isClear) return { ...state, inPlace: state.first };
    const { readStanding } = await import('./head-rule-standing.ts');
    const standing = readStanding(place);
    if (standing === undefined) return { ...state, inPlace: state.first };
    return {
      ...state,
      needed: standing.stopped === undefined,
      inPlace: standing.inPlace,
      standing,
    };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const problem: Finding = {
      kind: 'unread',
      subject: 'kernel',
      problem: `checking guestgate's head rule in ${place.name}: ${messageOf(error)}`,
      severity: 'later',
      ...(error.failure.look !== undefined && { fix: error.failure.look }),
    };
    return { needed: false, first: false, found: [], inPlace: false, problem };
  }
}

export function jumpPlaces(backend: Backend, used: readonly Family[] = familiesInUse()): HeadRulePlace[] {
  return places(backend, used).filter(({ isOurJump }) => isOurJump === true);
}

/** The chains that guests, and networks that let them out, need, and in other families those that other rules need. */
export function allPlaces(backend: Backend, networks = readHostState().networks): HeadRulePlace[] {
  const admitting = familiesOfKind(networks, 'routed');
  const full = [...new Set([...recordedFamilies(), ...admitting])];
  const others = standingFamilies(networks).filter((family) => !full.includes(family));
  const services = familiesOfKind(networks, 'service');
  return [...places(backend, full), ...jumpPlaces(backend, others), ...placesOfServices(backend, services)];
}

/** The families in which networks have elements of a kind. */
export function familiesOfKind(networks: HostState['networks'], kind: NetworkElement['kind']): Family[] {
  return familiesIn(
    Object.values(networks)
      .flat()
      .filter((one) => one.kind === kind),
  );
}

/** The families of guests, and of rules that exist without any. */
export function familiesInUse(): Family[] {
  return [...new Set([...recordedFamilies(), ...standingFamilies()])];
}

function standingFamilies(networks = readHostState().networks): Family[] {
  return [...new Set(familiesOf(Object.values(networks).flat().filter(isStanding)))];
}
