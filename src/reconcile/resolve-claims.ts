import { elementsWithout } from '../model/difference.ts';
import { type Element, elementKey } from '../model/element.ts';
import { claimsOf } from '../model/element-claims.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { type HeldClaim, type Refused, withoutConflicts } from '../planner/conflicts.ts';

/** A guest that asks for elements. */
export interface Asking {
  /** The name of its record. */
  readonly name: string;
  /** What it has now. */
  readonly before: readonly Element[];
  readonly wanted: readonly Element[];
  /** Its policy is in metadata alone: it gives way to policies in files. */
  readonly weak?: true | undefined;
}

export interface Resolved {
  readonly accepted: readonly Element[];
  readonly refused: readonly Refused[];
}

/**
 * Who gets what several guests ask for together. First those whose policies are in files, then those of metadata; among equals a
 * guest keeps what it has, then the earlier one gets it. Pure.
 *
 * @param heldBy the claims of all other guests that may conflict with these elements
 */
export function resolveClaims(
  asking: readonly Asking[],
  heldBy: (elements: readonly Element[], except: string) => readonly HeldClaim[],
): ReadonlyMap<string, Resolved> {
  const index = new ClaimIndex();
  const resolved = new Map<string, Resolved>();
  // Where one guest asks, no other claim is compared with its own.
  const add = asking.length > 1 ? index.add.bind(index) : () => {};
  for (const weak of [undefined, true] as const) {
    const equals = asking.filter((one) => one.weak === weak);
    const kept = new Map(equals.map((one) => [one.name, keptOf(one, index)]));
    for (const { name } of equals) add(name, kept.get(name) ?? [], weak);
    for (const { name, wanted } of equals) {
      const others = heldBy(wanted, name).filter((held) => weak === true || held.weak !== true);
      const held = [...index.near(wanted, name), ...others];
      const result = withoutConflicts(wanted, held);
      add(name, elementsWithout(result.accepted, kept.get(name) ?? []), weak);
      resolved.set(name, result);
    }
  }
  return resolved;
}

/** What a guest has and still wants, as far as no stronger one has taken it. */
function keptOf({ name, before, wanted }: Asking, index: ClaimIndex): readonly Element[] {
  const claiming = before.filter((element) => claimsOf(element).length > 0);
  if (claiming.length === 0) return [];
  const keys = new Set(wanted.map(elementKey));
  const kept = claiming.filter((element) => keys.has(elementKey(element)));
  const stronger = index.near(kept, name);
  return withoutConflicts(kept, stronger).accepted;
}

/**
 * The guests that ask for nothing and lose what stronger ones get.
 *
 * @param accepted what guests with policies in files get, by the names of their records
 * @param elementsOf what a holder has
 */
export function displaced(
  accepted: ReadonlyMap<string, readonly Element[]>,
  heldBy: (elements: readonly Element[], except: string) => readonly HeldClaim[],
  elementsOf: (holder: string) => readonly Element[],
): ReadonlyMap<string, Resolved> {
  const index = new ClaimIndex();
  const holders = new Set<string>();
  for (const [name, elements] of accepted) {
    const weak = heldBy(elements, name).filter((held) => held.weak === true);
    if (weak.length === 0) continue;
    index.add(name, elements);
    for (const { holder } of weak) holders.add(holder);
  }
  const results = [...holders].map((holder) => {
    const elements = elementsOf(holder);
    return [holder, withoutConflicts(elements, index.near(elements))] as const;
  });
  return new Map(results.filter(([, { refused }]) => refused.length > 0));
}
