import type { KernelCommand } from '../../model/command.ts';
import type { Element } from '../../model/element.ts';
import type { Backend, Labelled } from '../backend.ts';
import { names } from '../names.ts';
import { entriesOf } from './entries.ts';
import { renderSkeleton } from './skeleton.ts';

/** The nftables back end: elements as entries of our own table's sets, one `nft -f -` a transaction. */
export const nftables: Backend = {
  name: 'nftables',
  change: (remove, add) => nft(renderRemovals(remove) + renderAdditions(add)),
  rebuild: (elements, mark) => nft(renderClearing() + renderSkeleton(mark) + renderAdditions(elements)),
  probe: { program: 'nft', args: ['list', 'chain', 'ip', names.table, 'prerouting'] },
  stands: (listing) => listing.includes('jump translate'),
  remove: () => nft(renderClearing()),
};

function nft(input: string): KernelCommand {
  return { program: 'nft', args: ['-f', '-'], input };
}

/** Deletes our table whether or not there is one: `delete table` alone fails where there is none. */
function renderClearing(): string {
  return `add table ip ${names.table}\ndelete table ip ${names.table}\n`;
}

function renderRemovals(elements: readonly Element[]): string {
  const bySet = new Map<string, string[]>();
  for (const element of elements) {
    for (const { set, key } of entriesOf(element)) append(bySet, set, key);
  }
  return render('delete', bySet);
}

/** `add` of an entry that is there already changes nothing, and fails if it has another value. */
function renderAdditions(elements: readonly Labelled[]): string {
  const bySet = new Map<string, string[]>();
  for (const { element, label } of elements) {
    const comment = label === undefined || label === '' ? '' : ` comment "${label}"`;
    for (const { set, key, value } of entriesOf(element)) {
      append(bySet, set, `${key}${comment}${value === undefined ? '' : ` : ${value}`}`);
    }
  }
  return render('add', bySet);
}

function append(bySet: Map<string, string[]>, set: string, entry: string): void {
  const entries = bySet.get(set);
  if (entries === undefined) bySet.set(set, [entry]);
  else entries.push(entry);
}

/** Long lists are cut: the parser of nft is slow on statements of many thousands of entries. */
const entriesPerStatement = 1000;

function render(verb: 'add' | 'delete', bySet: ReadonlyMap<string, readonly string[]>): string {
  let text = '';
  for (const [set, entries] of bySet) {
    for (let from = 0; from < entries.length; from += entriesPerStatement) {
      const slice = entries.slice(from, from + entriesPerStatement);
      const list = slice.length === 1 ? ` ${slice[0]} ` : `\n\t${slice.join(',\n\t')}\n`;
      text += `${verb} element ip ${names.table} ${set} {${list}}\n`;
    }
  }
  return text;
}
