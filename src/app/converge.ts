import { type Claim, claimOf, type Element, elementKey } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { messageOf, quoted } from '../model/problem.ts';
import { contradict, describeClaim, type HeldClaim, withoutConflicts } from '../planner/conflicts.ts';
import { restrictions } from '../planner/plan.ts';
import { readClaims, replaceClaims } from '../system/claims.ts';
import { setHairpinMode, sysctl } from '../system/host.ts';
import { withLock } from '../system/lock.ts';
import {
  type HostState,
  type Record,
  readHostState,
  readRecord,
  recordName,
  removeRecord,
  writeHostState,
  writeRecord,
} from '../system/records.ts';
import { run } from '../system/run.ts';
import type { Desired } from './desired.ts';
import { backend, disagrees, labelled, networkLabelled, rebuild } from './kernel.ts';
import { liveNetworks } from './surroundings.ts';

/** What became of a guest's wishes. */
export interface Converged {
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/**
 * The one path: what a guest has in the kernel becomes what it should have, in one transaction, and its record
 * says so. Twice is once. Where policy or address are uncertain, what runs is left as it is.
 *
 * @param stage `guard`: only what restricts, before the guest runs; `open`: all of it
 * @throws CommandError, UserError if nothing could be changed: record and kernel are as before then
 */
export function openGuest(desired: Desired, mark: number | undefined, stage: 'guard' | 'open'): Converged {
  const name = recordName(desired.guest);
  if (desired.silent && desired.problems.length === 0) {
    closeGuest(desired.guest);
    return { elements: [], problems: [] };
  }
  return withLock(() => {
    const before = readRecord(name);
    const wanted = desired.certain ? desired.elements : (before?.elements ?? []);
    const staged = stage === 'guard' ? restrictions(wanted) : wanted;
    const { granted, problems } = grant(staged, name);
    const record: Record = {
      guest: desired.guest,
      ...(desired.address !== undefined && {
        address: desired.address,
        addressSource: desired.addressSource ?? '',
      }),
      elements: granted,
      pending: false,
      problems: [...desired.problems, ...problems],
      hairpinPorts: before?.hairpinPorts ?? [],
      since: before?.since ?? new Date().toISOString(),
    };
    if (granted.length > 0 || before !== undefined || record.problems.length > 0) {
      change(
        before,
        record,
        stateWith(desired, mark),
        `adding rules for guest ${quoted(desired.guest.name)}`,
      );
    }
    return { elements: granted, problems: record.problems };
  });
}

/**
 * Removes all that the guest's record holds, and the record. What its configuration or XML say by now does
 * not matter.
 *
 * @returns what there was; undefined if nothing
 */
export function closeGuest(id: GuestId): readonly Element[] | undefined {
  if (readRecord(recordName(id)) === undefined) return undefined;
  return withLock(() => {
    const before = readRecord(recordName(id));
    if (before === undefined) return undefined;
    change(
      before,
      { ...before, elements: [] },
      readHostState(),
      `removing rules of guest ${quoted(id.name)}`,
    );
    for (const port of before.hairpinPorts) setHairpinMode(port, false);
    removeRecord(id);
    return before.elements;
  });
}

/** Leaves out what other guests hold. Their records are asked: the index may name some that have stopped. */
function grant(wanted: readonly Element[], name: string): { granted: Element[]; problems: string[] } {
  const claims = wanted.flatMap(
    (element) => claimOf(element) ?? (element.kind === 'guard' ? element.claim : []),
  );
  const held = readClaims(claims, name).filter(
    (one) => claims.some((claim) => contradict(claim, one.claim)) && isHeld(one),
  );
  const { granted, refused } = withoutConflicts(wanted, held);
  return {
    granted,
    problems: refused.map(({ claim, holder }) => {
      const guest = readRecord(holder)?.guest;
      const owner = guest === undefined ? holder : `${guest.driver} guest ${quoted(guest.name)}`;
      return `${describeClaim(claim)} is taken by ${owner}, which came first: use another port or address`;
    }),
  };
}

function isHeld({ claim, holder }: HeldClaim): boolean {
  return (readRecord(holder)?.elements ?? []).some((element) => {
    const own = claimOf(element);
    return own !== undefined && contradict(own, claim);
  });
}

/** The host's state, with the networks that this guest, and forwards for any address, need to know of. */
function stateWith(desired: Desired, mark: number | undefined): HostState {
  const state = readHostState();
  const unseen = desired.elements.length === 0 ? {} : liveNetworks((name) => name in state.networks);
  const networks = Object.assign(Object.create(null), state.networks, unseen, desired.networks);
  return { mark: mark ?? state.mark ?? defaultHostPolicy.mark, networks };
}

/**
 * Record, kernel, record: killed between any two of them, or failed, the record is found pending, and the next
 * event or replay makes the kernel from the records.
 */
function change(before: Record | undefined, after: Record, state: HostState, doing: string): void {
  const name = recordName(after.guest);
  const recorded = readHostState();
  const [had, has] = [claimsOf(before?.elements ?? []), claimsOf(after.elements)];
  const announce = () => {
    if (JSON.stringify(recorded.networks) !== JSON.stringify(state.networks)) {
      writeHostState({ ...recorded, networks: state.networks });
    }
    replaceClaims(name, had, [...had, ...has]);
    writeRecord({ ...after, pending: true });
  };
  if (after.elements.length > 0) announce();
  else tolerate(announce);
  try {
    if (before?.pending === true || (recorded.mark ?? state.mark) !== state.mark) rebuild(doing, state.mark);
    else transact(before?.elements ?? [], after, state, doing);
  } catch (error) {
    const problems = [...after.problems, messageOf(error)];
    tolerate(() => writeRecord({ ...after, elements: before?.elements ?? [], pending: true, problems }));
    tolerate(() => replaceClaims(name, [...had, ...has], had));
    throw error;
  }
  writeRecord({ ...after, hairpinPorts: [...new Set([...after.hairpinPorts, ...switchHairpin(after)])] });
  replaceClaims(name, [...had, ...has], has);
}

function claimsOf(elements: readonly Element[]): Claim[] {
  return elements.flatMap((element) => claimOf(element) ?? []);
}

/** A full or read-only state folder must not keep a guest's ports open. */
function tolerate(action: () => void): void {
  try {
    action();
  } catch {
    // Told by what follows: the record cannot be removed either.
  }
}

/** Removes what is no longer wanted and adds all that is: what is there already stays, with its counters. */
function transact(had: readonly Element[], after: Record, state: HostState, doing: string): void {
  const wanted = new Set(after.elements.map(elementKey));
  const surplus = had.filter((element) => !wanted.has(elementKey(element)));
  const added = after.elements.length === 0 ? [] : [...networkLabelled(state.networks), ...labelled(after)];
  if (surplus.length === 0 && added.length === 0) return;
  try {
    run(backend.change(surplus, added), doing);
  } catch (error) {
    if (!disagrees(error)) throw error;
    rebuild(doing, state.mark);
  }
}

/**
 * While bridged frames pass iptables, a connection of a guest to itself by the host's address is turned round
 * inside the bridge, which only a port in hairpin mode lets happen.
 *
 * @returns the ports that were switched
 */
export function switchHairpin({ guest, elements }: Record): string[] {
  const translated = elements.some((element) => element.kind === 'forward' || element.kind === 'one-to-one');
  if (!translated || sysctl('net.bridge.bridge-nf-call-iptables') !== '1') return [];
  const taps = guest.nics.flatMap(({ tap, bridge }) =>
    tap !== undefined && bridge !== undefined ? [tap] : [],
  );
  return taps.filter((tap) => isInterfaceName(tap) && setHairpinMode(tap, true));
}

/** What of a guest's wishes others hold already. Looks only. */
export function conflictsOf(desired: Desired): string[] {
  return grant(desired.elements, recordName(desired.guest)).problems;
}
