import type { Backend } from '../backends/backend.ts';
import type { HeadRuleState } from '../backends/head-rule-state.ts';
import { type HeadRulePlace, iptablesOf } from '../backends/head-rules.ts';
import { type Family, families } from '../model/address.ts';
import { familiesOf, isStanding } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { hasProgram, hostFamilies, legacyTables } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run } from '../system/run.ts';

/** The chains that need a head rule on this host in these families. */
function places(backend: Backend, families: readonly Family[]): HeadRulePlace[] {
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
    return [...backend.places(host, family)];
  });
}

/**
 * The current state of a head rule, from the kernel, or from a program if the kernel cannot be asked.
 *
 * @param listings output of programs that have run already: one listing shows several chains
 */
function look(
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

/** Like `look`, but returns a failure as `problem`: an unknown state must not look like a head rule that is not needed. */
function lookOrReport(
  place: HeadRulePlace,
  listings: Map<string, string | undefined>,
): HeadRuleState & { readonly problem?: Finding } {
  try {
    return look(place, listings);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const problem: Finding = {
      kind: 'unread',
      subject: 'kernel',
      problem: `checking guestgate's head rule in ${place.name}: ${messageOf(error)}`,
      severity: 'later',
      ...(error.failure.look !== undefined && { fix: error.failure.look }),
    };
    return { needed: false, first: false, found: [], problem };
  }
}

/**
 * Puts guestgate's head rule first in every foreign chain that could reject packets that guestgate accepts. Needs the
 * lock: two processes at the same time would add it twice.
 *
 * @returns the problems
 */
export function assertHeadRules(
  backend: Backend,
  mark: number,
  { always = false, networks }: AssertOptions = {},
): Finding[] {
  return assertIn(allPlaces(backend, networks), mark, always);
}

interface AssertOptions {
  /** Also if the head rule is already first: writes its chain again. */
  readonly always?: boolean;
  /** What networks have in the kernel, if it has been read. */
  readonly networks?: HostState['networks'];
}

/**
 * Asserts only the jumps to guestgate's own chains: the head rules that networks, and guests before they run, need.
 *
 * @returns the problems
 */
export function assertJumps(backend: Backend): Finding[] {
  return assertIn(jumpPlaces(backend), 0, false);
}

function jumpPlaces(backend: Backend, used: readonly Family[] = familiesInUse()): HeadRulePlace[] {
  return places(backend, used).filter(({ isOurJump }) => isOurJump === true);
}

/** The chains that guests need, and in families that no guest has, those that other rules need. */
function allPlaces(backend: Backend, networks?: HostState['networks']): HeadRulePlace[] {
  const ofGuests = recordedFamilies();
  const others = standingFamilies(networks).filter((family) => !ofGuests.includes(family));
  return [...places(backend, ofGuests), ...jumpPlaces(backend, others)];
}

/** The families of guests, and of rules that exist without any. */
export function familiesInUse(): Family[] {
  return [...new Set([...recordedFamilies(), ...standingFamilies()])];
}

function standingFamilies(networks = readHostState().networks): Family[] {
  return [...new Set(familiesOf(Object.values(networks).flat().filter(isStanding)))];
}

function assertIn(wanted: readonly HeadRulePlace[], mark: number, always: boolean): Finding[] {
  const listings = new Map();
  const unread: Finding[] = [];
  const misplaced = wanted.flatMap((place) => {
    const state = lookOrReport(place, listings);
    if (state.problem !== undefined) unread.push(state.problem);
    const isInPlace = !state.needed || (state.first && (!always || place.isOurJump === true));
    return isInPlace ? [] : [{ place, command: place.assert(state, mark) }];
  });
  // One program run per family for all jumps.
  const jumps = misplaced.filter(({ place }) => place.isOurJump === true);
  const others = misplaced.filter(({ place }) => place.isOurJump !== true);
  const together = families.flatMap((family) => {
    const ofFamily = jumps.filter(({ place }) => place.family === family);
    const [first] = ofFamily;
    if (first === undefined) return [];
    const input = ofFamily.map(({ command }) => command.input ?? '').join('');
    const name = ofFamily.map(({ place }) => place.name).join(', ');
    return [{ name, command: { ...first.command, input } }];
  });
  const all = [...together, ...others.map(({ place, command }) => ({ name: place.name, command }))];
  const failed = all.flatMap(({ name, command }) => {
    try {
      run(command, `putting guestgate's head rule first in ${name}`);
      return [];
    } catch (error) {
      return [failure('kernel', error)];
    }
  });
  return [...unread, ...failed];
}

/** Removes the head rules of a back end, except those that the staying back end uses. */
export function removeHeadRules(backend: Backend, staying?: Backend): void {
  const kept = staying === undefined ? [] : places(staying, hostFamilies()).map(({ name }) => name);
  const listings = new Map();
  for (const place of places(backend, hostFamilies())) {
    // Jumps are removed with guestgate's own chains.
    if (kept.includes(place.name) || place.isOurJump === true) continue;
    const state = look(place, listings);
    if (state.found.length > 0) run(place.remove(state), `removing guestgate's head rule from ${place.name}`);
  }
}

/** Whether any foreign chain of this host has a head rule of the back end. */
export function hasHeadRules(backend: Backend): boolean {
  const listings = new Map();
  return places(backend, hostFamilies()).some((place) => look(place, listings).found.length > 0);
}

/** The foreign chains in which guestgate's head rule must be first and is not. */
export function misplacedHeadRules(backend: Backend): string[] {
  return headRuleStates(backend).flatMap(({ name, needed, first }) => (needed && !first ? [name] : []));
}

/** The same without those that only guests need. */
export function misplacedJumps(backend: Backend): string[] {
  return jumpStates(backend).flatMap(({ name, needed, first }) => (needed && !first ? [name] : []));
}

/** The state of all head rules, for `check` and `status`. */
export function headRuleStates(backend: Backend) {
  return statesOf(allPlaces(backend));
}

/** The same for the jumps to guestgate's own chains. */
export function jumpStates(backend: Backend) {
  return statesOf(jumpPlaces(backend));
}

function statesOf(found: readonly HeadRulePlace[]) {
  const listings = new Map();
  return found.map((place) => ({ name: place.name, ...lookOrReport(place, listings) }));
}
