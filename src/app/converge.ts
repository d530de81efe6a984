import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { restrictions } from '../planner/plan.ts';
import {
  hasRecord,
  type Record,
  readHostState,
  readRecord,
  recordName,
  removeRecord,
} from '../system/records.ts';
import { assertAnchors } from './anchors.ts';
import { change, type HostChange } from './change.ts';
import { type Desired, wishesOf } from './desired.ts';
import { grant } from './grant.ts';
import { switchHairpin } from './hairpin.ts';
import { lockedOrLeft } from './locked.ts';

/** What became of a guest's wishes. */
export interface Converged {
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/**
 * The one path: what a guest has in the kernel becomes what it should have, in one transaction, its record says
 * so, and our accepts stand first. Twice is once. Where policy or address are uncertain, what runs is left as
 * it is.
 *
 * @param mark the bit of `ct mark`; undefined: as before, the configuration does not tell
 * @param stage `guard`: only what restricts, before the guest runs; `open`: all of it
 * @throws CommandError, UserError if nothing could be changed: record and kernel are as before then
 */
export function openGuest(desired: Desired, mark: number | undefined, stage: 'guard' | 'open'): Converged {
  const name = recordName(desired.guest);
  const silent = desired.silent && desired.problems.length === 0;
  const idle = silent || (stage === 'guard' && restrictions(desired.elements).length === 0);
  if (idle && !hasRecord(desired.guest)) return { elements: [], problems: desired.problems };
  if (silent) {
    closeGuest(desired.guest);
    return { elements: [], problems: [] };
  }
  const wanted = (before: Record | undefined) => {
    const all = wishesOf(desired, before);
    return stage === 'guard' ? restrictions(all) : all;
  };
  return lockedOrLeft(
    () => {
      const before = readRecord(name);
      const { granted, problems } = grant(wanted(before), name);
      return converge(desired, before, recordOf(desired, before, granted, problems), mark, stage);
    },
    () => {
      const before = readRecord(name);
      return recordOf(desired, before, wanted(before), []);
    },
  );
}

/** To be called with the lock held. */
function converge(
  desired: Desired,
  before: Record | undefined,
  after: Record,
  mark: number | undefined,
  stage: 'guard' | 'open',
): Converged {
  const opening = stage === 'open' && after.elements.length > 0;
  if (!opening && before === undefined && after.elements.length === 0 && after.problems.length === 0)
    return after;
  const host = hostChange(desired, mark);
  const doing = `adding rules for guest ${quoted(desired.guest.name)}`;
  const { record, look } = change(before, after, host, doing, opening);
  const anchors = opening ? assertAnchors(host.wanted.mark, look) : [];
  return { elements: record.elements, problems: [...record.problems, ...anchors] };
}

/**
 * Removes all that the guest's record holds, and the record. What its configuration or XML say by now does
 * not matter.
 *
 * @returns what there was
 */
export function closeGuest(id: GuestId): readonly Element[] {
  const name = recordName(id);
  const known = readRecord(name);
  if (known === undefined) return [];
  return lockedOrLeft(
    () => {
      const before = readRecord(name);
      if (before === undefined) return [];
      const recorded = readHostState();
      const wanted = { ...recorded, mark: recorded.mark ?? defaultHostPolicy.mark };
      const doing = `removing rules of guest ${quoted(id.name)}`;
      change(before, { ...before, elements: [] }, { recorded, wanted }, doing);
      switchHairpin(before, false);
      removeRecord(id);
      return before.elements;
    },
    () => ({ ...known, elements: [] }),
  );
}

/** What of a guest's wishes others hold already. Looks only. */
export function conflictsOf(desired: Desired): readonly string[] {
  return grant(desired.elements, recordName(desired.guest)).problems;
}

function recordOf(
  desired: Desired,
  before: Record | undefined,
  elements: readonly Element[],
  problems: readonly string[],
): Record {
  const { address, addressSource = '', addressMac, otherAddress } = desired;
  return {
    guest: desired.guest,
    ...(address !== undefined && { address, addressSource }),
    ...(addressMac !== undefined && { addressMac }),
    ...(otherAddress !== undefined && { otherAddress }),
    elements,
    pending: false,
    problems: [...desired.problems, ...problems],
    hairpinPorts: before?.hairpinPorts ?? [],
    since: before?.since ?? new Date().toISOString(),
  };
}

/** The host's state with the networks that this guest brings, and the mark. */
function hostChange(desired: Desired, mark: number | undefined): HostChange {
  const recorded = readHostState();
  const networks = Object.assign(Object.create(null), recorded.networks, desired.networks);
  return { recorded, wanted: { mark: mark ?? recorded.mark ?? defaultHostPolicy.mark, networks } };
}
