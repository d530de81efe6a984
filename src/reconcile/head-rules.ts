import type { Backend } from '../backends/backend.ts';
import type { HeadRulePlace } from '../backends/head-rules.ts';
import { type Family, families } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import { type Finding, failure } from '../model/finding.ts';
import { rulesAboveOurs } from '../netfilter/rules-above.ts';
import type { HostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import { run } from '../system/run.ts';
import {
  allPlaces,
  jumpPlaces,
  look,
  lookAround,
  type PlacedHeadRule,
  places,
  placesOfServices,
} from './head-rule-places.ts';

/**
 * Puts guestgate's head rule into every foreign chain that could reject packets that guestgate accepts: first, but for bans
 * of others. Needs the lock: two processes at the same time would add it twice.
 *
 * @returns the problems
 */
export async function assertHeadRules(
  backend: Backend,
  mark: number,
  { always = false, networks }: AssertOptions = {},
): Promise<Finding[]> {
  return assertIn(allPlaces(backend, networks), mark, always);
}

interface AssertOptions {
  /** Also if the head rule is in its place: writes its chain again, and below the bans that are right below it. */
  readonly always?: boolean;
  /** What networks have in the kernel, if it has been read. */
  readonly networks?: HostState['networks'];
}

/**
 * Asserts only the jumps to guestgate's own chains: the head rules that networks, and guests before they run, need.
 *
 * @returns the problems
 */
export async function assertJumps(backend: Backend): Promise<Finding[]> {
  return assertIn(jumpPlaces(backend), 0, false);
}

async function assertIn(wanted: readonly HeadRulePlace[], mark: number, always: boolean): Promise<Finding[]> {
  const listings = new Map();
  const unread: Finding[] = [];
  const misplaced: { place: HeadRulePlace; command: KernelCommand }[] = [];
  for (const place of wanted) {
    const state = await lookAround(place, listings, always);
    if (state.problem !== undefined) unread.push(state.problem);
    const stays = state.inPlace && (!always || (place.isOurJump === true && !hasBansBelow(state)));
    if (state.needed && !stays)
      misplaced.push({ place, command: place.assert(state, mark, state.standing?.above) });
  }
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

/** Whether bans are right below it that belong above it. */
function hasBansBelow({ standing }: PlacedHeadRule): boolean {
  return standing !== undefined && standing.position < standing.above.count;
}

/** Removes the head rules of a back end, except those that the staying back end uses. */
export function removeHeadRules(backend: Backend, staying?: Backend): void {
  const kept = staying === undefined ? [] : everyPlace(staying).map(({ name }) => name);
  // Jumps are removed with guestgate's own chains.
  removeFrom(everyPlace(backend).filter(({ name, isOurJump }) => !kept.includes(name) && isOurJump !== true));
}

/** Removes those that let guests reach services of the host, in families in which no network has any more. */
export function removeServiceRules(backend: Backend, families: readonly Family[]): void {
  removeFrom(placesOfServices(backend, families));
}

function removeFrom(found: readonly HeadRulePlace[]): void {
  const listings = new Map();
  for (const place of found) {
    const state = look(place, listings);
    if (state.found.length > 0) run(place.remove(state), `removing guestgate's head rule from ${place.name}`);
  }
}

/** Whether or not a guest or a network needs them. */
function everyPlace(backend: Backend): HeadRulePlace[] {
  return [...places(backend, hostFamilies()), ...placesOfServices(backend, hostFamilies())];
}

/** Whether any foreign chain of this host has a head rule of the back end. */
export function hasHeadRules(backend: Backend): boolean {
  const listings = new Map();
  return everyPlace(backend).some((place) => look(place, listings).found.length > 0);
}

/** The foreign chains in which guestgate's head rule is not where it belongs. */
export async function misplacedHeadRules(backend: Backend): Promise<string[]> {
  return misplaced(await headRuleStates(backend));
}

/** The same without those that only guests need. */
export async function misplacedJumps(backend: Backend): Promise<string[]> {
  return misplaced(await jumpStates(backend));
}

function misplaced(states: readonly NamedHeadRule[]): string[] {
  return states.flatMap(({ name, needed, inPlace }) => (needed && !inPlace ? [name] : []));
}

/** The rules that keep head rules from being where they belong, as an administrator sees them listed. */
export function obstaclesAbove(
  states: readonly NamedHeadRule[],
): { readonly chain: string; readonly rules: readonly string[] }[] {
  return states
    .filter(({ needed, inPlace }) => needed && !inPlace)
    .map(({ name, standing }) => ({ chain: name, rules: standing?.obstacles ?? rulesAboveOurs(name) }));
}

/** @property name of the foreign chain: `iptables FORWARD` */
export interface NamedHeadRule extends PlacedHeadRule {
  readonly name: string;
}

/** The state of all head rules, for `check` and `status`. @param closely see `lookAround()` */
export function headRuleStates(backend: Backend, closely = false): Promise<NamedHeadRule[]> {
  return statesOf(allPlaces(backend), closely);
}

/** The same for the jumps to guestgate's own chains. */
export function jumpStates(backend: Backend, closely = false): Promise<NamedHeadRule[]> {
  return statesOf(jumpPlaces(backend), closely);
}

async function statesOf(found: readonly HeadRulePlace[], closely: boolean): Promise<NamedHeadRule[]> {
  const listings = new Map();
  const states: NamedHeadRule[] = [];
  for (const place of found)
    states.push({ name: place.name, ...(await lookAround(place, listings, closely)) });
  return states;
}
