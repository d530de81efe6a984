import { type Family, families } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { elementsWithout } from '../../model/difference.ts';
import { type Element, familiesOf, familyOfElement } from '../../model/element.ts';
import { isVif, type VifTable, vifTableOf, vifTables } from '../../model/vif.ts';
import type { Backend, GuestChange, Labelled, Whole } from '../backend.ts';
import { headRulePlaces } from '../head-rules.ts';
import { names } from '../names.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import { entriesOf } from './entries.ts';
import type { Entry } from './entry.ts';
import { renderLimits } from './limits.ts';
import { renderPortBaseRuleset } from './port-base-ruleset.ts';

/** The nftables back end: elements as entries of our own tables' sets, one `nft -f -` a transaction. */
export const nftables: Backend = {
  name: 'nftables',
  change(guests, networks) {
    const old = elementsWithout(networks.before, networks.after);
    const surplus = [...old, ...guests.flatMap(({ before, after }) => elementsWithout(before, after))];
    const added = guests.flatMap(({ label, after }) => labelled(after, label));
    const fresh = elementsWithout(networks.after, networks.before);
    // Networks that come with a guest that gets nothing wait for one that does.
    if (surplus.length + added.length === 0 && (guests.length > 0 || fresh.length === 0)) return [];
    const common = added.length + old.length + fresh.length > 0 ? labelled(networks.after) : [];
    return [changeEntries(surplus, [...common, ...added])];
  },
  rebuild({ guests, networks, mark, ports }, used, known) {
    const elements = guests.flatMap((guest) => labelled(guest.elements, guest.label));
    return [rebuildEntries([...labelled(networks), ...elements], mark, used, known, ports)];
  },
  probe: (family) => ({ program: 'nft', args: ['list', 'chain', family, names.table, 'prerouting'] }),
  isComplete: (printed) => printed?.includes('jump translate') === true,
  remove: (family) => [removeTable(family)],
  contradicts: (stderr) => /No such file or directory|File exists|does not exist/.test(stderr),
  places: headRulePlaces,
  lacks: () => undefined,
};

function labelled(elements: readonly Element[], label?: string): Labelled[] {
  return elements.map((element) => (label === undefined ? { element } : { element, label }));
}

/** One transaction: all of it happens, or nothing. Fails if a removed element is not there. */
export function changeEntries(remove: readonly Element[], add: readonly Labelled[]): KernelCommand {
  return nft(renderRemovals(remove) + renderAdditions(add));
}

/** One transaction that leaves our tables with exactly these elements. */
export function rebuildEntries(
  elements: readonly Labelled[],
  mark: number,
  used: readonly Family[] = [],
  known: readonly Family[] = families,
  ports: readonly VifTable[] = [],
): KernelCommand {
  const needed = new Set([...used, ...familiesOf(elements.map(({ element }) => element))]);
  const baseRulesets = known
    .filter((family) => needed.has(family))
    .map((one) => renderBaseRuleset(mark, one));
  const { clearing, made } = portTables(elements, ports);
  return nft(
    known.map(renderClearing).join('') + clearing + baseRulesets.join('') + made + renderAdditions(elements),
  );
}

/** The tables of Xen's ports, which no other back end has: what these need, as `rebuild` does it, without the rest. */
export function rebuildPorts({ guests, ports }: Pick<Whole, 'guests' | 'ports'>): readonly KernelCommand[] {
  const elements = guests.flatMap((guest) => labelled(guest.elements.filter(isVif), guest.label));
  const { clearing, made } = portTables(elements, ports);
  return clearing === '' ? [] : [nft(clearing + made + renderAdditions(elements))];
}

/** The same of `change`. */
export function changePorts(guests: readonly GuestChange[]): readonly KernelCommand[] {
  const only = guests.map((one) => ({
    ...one,
    before: one.before.filter(isVif),
    after: one.after.filter(isVif),
  }));
  return nftables.change(only, { before: [], after: [] }, 0);
}

export function removeTable(table: Family | VifTable): KernelCommand {
  return nft(renderClearing(table));
}

function portTables(
  elements: readonly Labelled[],
  ports: readonly VifTable[] = [],
): { clearing: string; made: string } {
  const needed = new Set<VifTable>([
    ...ports,
    ...elements.flatMap(({ element }) => (isVif(element) ? vifTableOf(element) : [])),
  ]);
  const tables = vifTables.filter((one) => needed.has(one));
  return { clearing: tables.map(renderClearing).join(''), made: tables.map(renderPortBaseRuleset).join('') };
}

function nft(input: string): KernelCommand {
  return { program: 'nft', args: ['-f', '-'], input };
}

/** Deletes our table whether or not there is one: `delete table` alone fails where there is none. */
function renderClearing(family: Family | VifTable): string {
  return `add table ${family} ${names.table}\ndelete table ${family} ${names.table}\n`;
}

/** Entries by their table and set: `ip guestgate forward`. */
type BySet = Map<string, string[]>;

function renderRemovals(elements: readonly Element[]): string {
  const bySet: BySet = new Map();
  for (const element of elements) {
    for (const { family, set, key } of entriesOf(element)) append(bySet, element, family, set, key);
  }
  return render('delete', bySet) + renderLimits('delete', elements);
}

/** `add` of an entry that is there already changes nothing, and fails if it has another value. */
function renderAdditions(elements: readonly Labelled[]): string {
  const bySet: BySet = new Map();
  for (const { element, label } of elements) {
    const comment = label === undefined || label === '' ? '' : ` comment "${label}"`;
    for (const { family, set, key, value } of entriesOf(element)) {
      append(bySet, element, family, set, `${key}${comment}${value === undefined ? '' : ` : ${value}`}`);
    }
  }
  const limits = renderLimits(
    'add',
    elements.map(({ element }) => element),
  );
  return limits + render('add', bySet);
}

function append(bySet: BySet, element: Element, family: Entry['family'], set: string, entry: string): void {
  const path = `${family ?? familyOfElement(element)} ${names.table} ${set}`;
  const entries = bySet.get(path);
  if (entries === undefined) bySet.set(path, [entry]);
  else entries.push(entry);
}

/** Long lists are cut: the parser of nft is slow on statements of many thousands of entries. */
const entriesPerStatement = 1000;

function render(verb: 'add' | 'delete', bySet: BySet): string {
  let text = '';
  for (const [path, entries] of bySet) {
    for (let from = 0; from < entries.length; from += entriesPerStatement) {
      const slice = entries.slice(from, from + entriesPerStatement);
      const list = slice.length === 1 ? ` ${slice[0]} ` : `\n\t${slice.join(',\n\t')}\n`;
      text += `${verb} element ${path} {${list}}\n`;
    }
  }
  return text;
}
