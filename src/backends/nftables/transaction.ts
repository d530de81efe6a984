import { type Family, families } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { type Element, familiesOf, familyOfElement } from '../../model/element.ts';
import { isVif, type VifTable, vifTableOf, vifTables } from '../../model/vif.ts';
import type { Backend, Labelled } from '../backend.ts';
import { names } from '../names.ts';
import { type Entry, entriesOf } from './entries.ts';
import { renderLimits } from './limits.ts';
import { renderSkeleton } from './skeleton.ts';
import { renderVifSkeleton } from './vif-skeleton.ts';

/** The nftables back end: elements as entries of our own tables' sets, one `nft -f -` a transaction. */
export const nftables: Backend = {
  name: 'nftables',
  change: (remove, add) => nft(renderRemovals(remove) + renderAdditions(add)),
  rebuild: (elements, mark, used = [], known = families, vifs = []) => {
    const needed = new Set([...used, ...familiesOf(elements.map(({ element }) => element))]);
    const skeletons = known.filter((family) => needed.has(family)).map((one) => renderSkeleton(mark, one));
    const ports = new Set<VifTable>([
      ...vifs,
      ...elements.flatMap(({ element }) => (isVif(element) ? vifTableOf(element) : [])),
    ]);
    const tables = vifTables.filter((one) => ports.has(one));
    return nft(
      [
        ...[...known, ...tables].map(renderClearing),
        ...skeletons,
        ...tables.map(renderVifSkeleton),
        renderAdditions(elements),
      ].join(''),
    );
  },
  probe: (family) => ({ program: 'nft', args: ['list', 'chain', family, names.table, 'prerouting'] }),
  stands: (listing) => listing.includes('jump translate'),
  remove: (family) => nft(renderClearing(family)),
};

function nft(input: string): KernelCommand {
  return { program: 'nft', args: ['-f', '-'], input };
}

/** Deletes our table whether or not there is one: `delete table` alone fails where there is none. */
function renderClearing(family: Family | VifTable): string {
  return `add table ${family} ${names.table}\ndelete table ${family} ${names.table}\n`;
}

/** Entries by the table and the set that they stand in: `ip guestgate forward`. */
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
