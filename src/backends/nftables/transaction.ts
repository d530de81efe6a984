import type { KernelCommand } from '../../model/command.ts';
import { elementsWithout } from '../../model/difference.ts';
import type { FamilyElement } from '../../model/element.ts';
import { isStanding } from '../../model/network-element.ts';
import type { Backend, Labelled } from '../backend.ts';
import { headRulePlaces } from '../head-rules.ts';
import { names } from '../names.ts';
import { renderLimits } from './limits.ts';
import { labelled, labelledNetwork, renderElements, tableEntries } from './render-elements.ts';
import { contradicts, nft, renderClearing, renderDeletions } from './statements.ts';

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
  // Most events rebuild nothing: the base ruleset is not loaded for them.
  rebuild: async (whole, used, known) => (await import('./rebuild.ts')).rebuild(whole, used, known),
  probe: (family) => ({ program: 'nft', args: ['list', 'chain', family, names.table, 'prerouting'] }),
  isComplete: (printed) => printed?.includes('jump translate') === true,
  remove: (family) => [nft(renderClearing(family))],
  contradicts,
  places: headRulePlaces,
  lacks: () => undefined,
};

/** One transaction: all of it happens, or nothing. Fails if a removed element is not there. */
export function changeEntries(remove: readonly FamilyElement[], add: readonly Labelled[]): KernelCommand {
  const removed = remove.flatMap((element) => tableEntries({ element }));
  return nft(renderDeletions(removed) + renderLimits('delete', remove) + renderElements(add));
}
