import type { Backend } from '../backends/backend.ts';
import type { HeadRuleState } from '../backends/head-rule-state.ts';
import { type HeadRulePlace, iptablesOf } from '../backends/head-rules.ts';
import { type Family, families } from '../model/address.ts';
import { familiesOf } from '../model/element.ts';
import { describeFinding, type Finding, failure } from '../model/finding.ts';
import { CommandError, messageOf, UserError } from '../model/problem.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/records.ts';
import { hasLegacyTable, hasProgram, hostFamilies } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run } from '../system/run.ts';

/** Where anchors go on this host; by default in the families that any guest here has something of. */
function places(backend: Backend, families: readonly Family[] = recordedFamilies()): HeadRulePlace[] {
  return families.flatMap((family) => {
    const iptables = iptablesOf(family);
    // Where iptables' own programs are one variant's, the other's rules are not to be reached by them.
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
 * How our anchor stands there now: asked of the kernel, or of a program where the kernel cannot be asked.
 *
 * @param listings what programs have printed already: several places are told of by one
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

/** The same, or why it is not known: that must not pass for a rule that is not needed. */
function lookOrTell(
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
      problem: `looking for guestgate's accept in ${place.name}: ${messageOf(error)}`,
      severity: 'later',
      ...(error.failure.look !== undefined && { fix: error.failure.look }),
    };
    return { needed: false, first: false, found: [], problem };
  }
}

/**
 * Puts our anchor first in every foreign chain that could reject what we admit, where it is not. To be called
 * with the lock held: two at once would put it there twice.
 *
 * @param always also where it stands first already: its chain is written anew
 * @returns what could not be done
 */
export function assertHeadRules(backend: Backend, mark: number, always = false): Finding[] {
  return assertIn(places(backend), mark, always);
}

/** The same of those alone that lead to our own chains: what there is without any guest, and before one runs. */
export function assertJumps(backend: Backend): void {
  const ofNetworks = familiesOf(Object.values(readHostState().networks).flat());
  const used = new Set([...recordedFamilies(), ...ofNetworks]);
  const jumps = places(backend, [...used]).filter(({ isOurJump }) => isOurJump === true);
  const [problem] = assertIn(jumps, 0, false);
  if (problem !== undefined) throw new UserError(describeFinding(problem));
}

function assertIn(wanted: readonly HeadRulePlace[], mark: number, always: boolean): Finding[] {
  const listings = new Map();
  const unread: Finding[] = [];
  const misplaced = wanted.flatMap((place) => {
    const state = lookOrTell(place, listings);
    if (state.problem !== undefined) unread.push(state.problem);
    const fine = !state.needed || (state.first && (!always || place.isOurJump === true));
    return fine ? [] : [{ place, command: place.assert(state, mark) }];
  });
  // What one program does is given to it at once.
  const jumps = misplaced.filter(({ place }) => place.isOurJump === true);
  const others = misplaced.filter(({ place }) => place.isOurJump !== true);
  const together = families.flatMap((family) => {
    const own = jumps.filter(({ place }) => place.family === family);
    const [first] = own;
    if (first === undefined) return [];
    const input = own.map(({ command }) => command.input ?? '').join('');
    const name = own.map(({ place }) => place.name).join(', ');
    return [{ name, command: { ...first.command, input } }];
  });
  const all = [...together, ...others.map(({ place, command }) => ({ name: place.name, command }))];
  const failed = all.flatMap(({ name, command }) => {
    try {
      run(command, `putting the accept first in ${name}`);
      return [];
    } catch (error) {
      return [failure('kernel', error)];
    }
  });
  return [...unread, ...failed];
}

/** Takes the anchors of a back end away, but for those of another one that stays. */
export function removeHeadRules(backend: Backend, staying?: Backend): void {
  const kept = staying === undefined ? [] : places(staying, hostFamilies()).map(({ name }) => name);
  const listings = new Map();
  for (const place of places(backend, hostFamilies())) {
    // Those that lead to our chains go with them.
    if (kept.includes(place.name) || place.isOurJump === true) continue;
    const state = look(place, listings);
    if (state.found.length > 0) run(place.remove(state), `removing the accept from ${place.name}`);
  }
}

/** Whether any foreign chain of this host has a head rule of a back end. */
export function hasHeadRules(backend: Backend): boolean {
  const listings = new Map();
  return places(backend, hostFamilies()).some((place) => look(place, listings).found.length > 0);
}

/** The foreign chains in which our accept is not first, though it has to be. */
export function misplacedHeadRules(backend: Backend): string[] {
  return headRuleStates(backend).flatMap(({ name, needed, first }) => (needed && !first ? [name] : []));
}

/** Where the anchors stand: for `check` and `status`. */
export function headRuleStates(backend: Backend) {
  const listings = new Map();
  return places(backend).map((place) => ({
    name: place.name,
    ...lookOrTell(place, listings),
  }));
}
