import { type Family, families } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { elementsWithout } from '../../model/difference.ts';
import {
  type FamilyElement,
  familiesOf,
  familyOfElement,
  isStanding,
  type NetworkElement,
} from '../../model/element.ts';
import type { Backend, Labelled } from '../backend.ts';
import { headRulePlaces } from '../head-rules.ts';
import { label, names } from '../names.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import { entriesOf } from './entries.ts';
import type { TableEntry } from './entry.ts';
import { renderLimits } from './limits.ts';
import { contradicts, nft, renderAdditions, renderClearing, renderDeletions } from './statements.ts';

/** The nftables back end: elements as entries of our own tables' sets, one `nft -f -` a transaction. */
export const nftables: Backend = {
  name: 'nftables',
  change(guests, networks) {
    const old = elementsWithout(networks.before, networks.after);
    const surplus = [...old, ...guests.flatMap(({ before, after }) => elementsWithout(before, after))];
    const added = guests.flatMap((guest) => labelled(guest.after, guest.label));
    const fresh = elementsWithout(networks.after, networks.before);
    // Networks that come with a guest that gets nothing wait for one that does.
    const due = guests.length === 0 ? fresh : fresh.filter(isStanding);
    if (surplus.length + added.length + due.length === 0) return [];
    const renewed = networks.after.filter((element) => element.kind !== 'absent' || fresh.includes(element));
    const common = added.length + old.length + fresh.length > 0 ? renewed.map(labelledNetwork) : [];
    return [changeEntries(surplus, [...common, ...added])];
  },
  rebuild({ guests, networks, mark }, used, known) {
    const elements = guests.flatMap((guest) => labelled(guest.elements, guest.label));
    return [rebuildEntries([...networks.map(labelledNetwork), ...elements], mark, used, known)];
  },
  probe: (family) => ({ program: 'nft', args: ['list', 'chain', family, names.table, 'prerouting'] }),
  isComplete: (printed) => printed?.includes('jump translate') === true,
  remove: (family) => [nft(renderClearing(family))],
  contradicts,
  places: headRulePlaces,
  lacks: () => undefined,
};

function labelled(elements: readonly FamilyElement[], label: string): Labelled[] {
  return elements.map((element) => ({ element, label }));
}

/** An entry for an absent guest shows its name, as the guests' entries do. */
export function labelledNetwork(element: NetworkElement): Labelled {
  return element.kind === 'absent' ? { element, label: label(element.guest) } : { element };
}

/** One transaction: all of it happens, or nothing. Fails if a removed element is not there. */
export function changeEntries(remove: readonly FamilyElement[], add: readonly Labelled[]): KernelCommand {
  const removed = remove.flatMap((element) => tableEntries({ element }));
  return nft(renderDeletions(removed) + renderLimits('delete', remove) + renderElements(add));
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

function renderElements(elements: readonly Labelled[]): string {
  const limits = renderLimits(
    'add',
    elements.map(({ element }) => element),
  );
  return limits + renderAdditions(elements.flatMap(tableEntries));
}

function tableEntries({ element, label }: Labelled): TableEntry[] {
  const family = familyOfElement(element);
  return entriesOf(element).map((entry) => ({ ...entry, family, ...(label !== undefined && { label }) }));
}
