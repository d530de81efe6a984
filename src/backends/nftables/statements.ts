import type { KernelCommand } from '../../model/command.ts';
import { names } from '../names.ts';
import type { TableEntry, TableFamily } from './entry.ts';

/* The text of nft transactions: what all that is ours in nftables has alike. */

/** One transaction: all of it happens, or nothing. */
export function nft(input: string): KernelCommand {
  return { program: 'nft', args: ['-f', '-'], input };
}

/** Transactions of nft that follow one another as one: all of them happen, or none. */
export function joinTransactions(commands: readonly KernelCommand[]): KernelCommand[] {
  const joined: KernelCommand[] = [];
  for (const command of commands) {
    const last = joined.at(-1);
    if (last !== undefined && isTransaction(last) && isTransaction(command))
      joined[joined.length - 1] = nft(`${last.input ?? ''}${command.input ?? ''}`);
    else joined.push(command);
  }
  return joined;
}

function isTransaction({ program, args }: KernelCommand): boolean {
  return program === 'nft' && args.join(' ') === '-f -';
}

/** Whether nft failed because the kernel holds other entries than the transaction expects. */
export function contradicts(stderr: string): boolean {
  return /No such file or directory|File exists|does not exist/.test(stderr);
}

/** Deletes our table whether or not there is one: `delete table` alone fails where there is none. */
export function renderClearing(family: TableFamily): string {
  return `add table ${family} ${names.table}\ndelete table ${family} ${names.table}\n`;
}

/** `delete` fails if an entry is not there, also because two elements had the same one: each is deleted once. */
export function renderDeletions(entries: readonly TableEntry[]): string {
  const once = new Map(entries.map((entry) => [`${entry.family} ${entry.set} ${entry.key}`, entry]));
  return render('delete', [...once.values()], ({ key }) => key);
}

/** `add` of an entry that is there already changes nothing, and fails if it has another value. */
export function renderAdditions(entries: readonly TableEntry[]): string {
  return render('add', entries, ({ key, value, label = '' }) => {
    const comment = label === '' ? '' : ` comment "${label}"`;
    return `${key}${comment}${value === undefined ? '' : ` : ${value}`}`;
  });
}

/** Long lists are cut: the parser of nft is slow on statements of many thousands of entries. */
const entriesPerStatement = 1000;

function render(
  verb: 'add' | 'delete',
  entries: readonly TableEntry[],
  textOf: (entry: TableEntry) => string,
): string {
  let text = '';
  for (const [set, found] of bySet(entries, textOf)) {
    const texts = [...found];
    for (let from = 0; from < texts.length; from += entriesPerStatement) {
      const slice = texts.slice(from, from + entriesPerStatement);
      const list = slice.length === 1 ? ` ${slice[0]} ` : `\n\t${slice.join(',\n\t')}\n`;
      text += `${verb} element ${set} {${list}}\n`;
    }
  }
  return text;
}

/** By the table and the set that they are in (`ip guestgate forward`), each once: elements of a guest share some. */
function bySet(
  entries: readonly TableEntry[],
  textOf: (entry: TableEntry) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const entry of entries) {
    const set = `${entry.family} ${names.table} ${entry.set}`;
    const texts = found.get(set);
    if (texts === undefined) found.set(set, new Set([textOf(entry)]));
    else texts.add(textOf(entry));
  }
  return found;
}
