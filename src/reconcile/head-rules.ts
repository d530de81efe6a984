import type { Backend } from '../backends/backend.ts';
import type { HeadRuleState } from '../backends/head-rule-state.ts';
import { type HeadRulePlace, iptablesOf } from '../backends/head-rules.ts';
import { type Family, families } from '../model/address.ts';
import { familiesOf, isStanding } from '../model/element.ts';
import { type Finding, failure } from '../model/finding.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { hasLegacyTable, hasProgram, hostFamilies } from '../system/host.ts';
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
    const host = {
      legacyFilter: legacy && hasLegacyTable(family, 'filter'),
      legacyNat: legacy && hasLegacyTable(family, 'nat'),
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
 * @param always also if the head rule is already first: writes its chain again
 * @returns the problems
 */
export function assertHeadRules(backend: Backend, mark: number, always = false): Finding[] {
  return assertIn(allPlaces(backend), mark, always);
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
function allPlaces(backend: Backend): HeadRulePlace[] {
  const ofGuests = recordedFamilies();
  const others = familiesInUse().filter((family) => !ofGuests.includes(family));
  return [...places(backend, ofGuests), ...jumpPlaces(backend, others)];
}

/** The families of guests, and of rules that exist without any. */
export function familiesInUse(): Family[] {
  const standing = Object.values(readHostState().networks).flat().filter(isStanding);
  return [...new Set([...recordedFamilies(), ...familiesOf(standing)])];
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
