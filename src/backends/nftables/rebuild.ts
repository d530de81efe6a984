import { type Family, families } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { familiesOf } from '../../model/element.ts';
import type { Labelled, Whole } from '../backend.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import { labelled, renderElements } from './render-elements.ts';
import { nft, renderClearing } from './statements.ts';

/** See `Backend`. */
export function rebuild(
  { guests, networks, mark }: Whole,
  used: readonly Family[],
  known: readonly Family[],
): readonly KernelCommand[] {
  const elements = guests.flatMap((guest) => labelled(guest.elements, guest.label));
  return [rebuildEntries([...labelled(networks), ...elements], mark, used, known)];
}

/** One transaction that leaves our tables with exactly these elements. */
export function rebuildEntries(
  elements: readonly Labelled[],
  mark: number,
  used: readonly Family[] = [],
  known: readonly Family[] = families,
): KernelCommand {
  const needed = new Set([...used, ...familiesOf(elements.map(({ element }) => element))]);
  const baseRulesets = known
    .filter((family) => needed.has(family))
    .map((one) => renderBaseRuleset(mark, one));
  return nft(known.map(renderClearing).join('') + baseRulesets.join('') + renderElements(elements));
}
