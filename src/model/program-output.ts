import type { KernelCommand } from './command.ts';
import { CommandError, quoted } from './problem.ts';

/*
 * A program that ends with exit code 0 may have printed half of its listing all the same: it was replaced at that moment,
 * its disk or memory was full. Half a listing looks like missing rules, or like a kernel that agrees. So all that
 * programs print is read here, or checked here before others read it.
 */

/** How much of what a program printed an error shows, in characters. */
const shown = 60;

/** What was being done, for errors. */
const doing = 'reading what a program printed';

/**
 * Reads JSON that a program printed.
 *
 * @param read makes of it what is needed; what it throws says that the JSON is not what the program prints
 * @throws CommandError with the command and the beginning of what it printed
 */
export function readProgramJson<T>(text: string, command: KernelCommand, read: (value: unknown) => T): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message adds nothing that a person could use.
    throw unreadable(text, command, 'incomplete JSON');
  }
  try {
    return read(value);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw unreadable(text, command, 'JSON of an unexpected form');
  }
}

/** An object of nft's JSON (libnftables-json(5)). */
export type NftObject = { readonly [key: string]: unknown };

/** Reads what `nft -j list ...` printed. @throws CommandError */
export function readNftJson<T>(
  text: string,
  command: KernelCommand,
  read: (objects: readonly NftObject[]) => T,
): T {
  return readProgramJson(text, command, (value) => {
    const objects = (value as { nftables?: unknown }).nftables;
    if (!Array.isArray(objects)) throw new TypeError('no array "nftables"');
    return read(objects as NftObject[]);
  });
}

/**
 * Checks a listing that is plain text: `iptables-save`, `iptables -S`, `xenstore-ls`, `conntrack -L`. JSON is checked
 * where it is read.
 *
 * @returns the listing
 * @throws CommandError if it ends early, or is none
 */
export function wholeListing(text: string, command: KernelCommand): string {
  const flaw = flawOf(text, command);
  if (flaw !== undefined) throw unreadable(text, command, flaw);
  return text;
}

function flawOf(text: string, { program, args }: KernelCommand): string | undefined {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  if (program.endsWith('-save')) return last === '' ? flawOfSave(lines) : 'an incomplete listing';
  if (args.includes('-S'))
    return last === '' && /^-[PN] /.test(text) && lines.every((line) => line === '' || /^-[PNA] /.test(line))
      ? undefined
      : 'an incomplete listing of rules';
  if (program === 'xenstore-ls')
    return last === '' && lines.every((line) => line === '' || / = "/.test(line))
      ? undefined
      : 'an incomplete listing of nodes';
  if (program === 'conntrack')
    return last === '' && lines.every((line) => line === '' || /^\S+ +\d+ .*src=\S+ dst=\S+/.test(line))
      ? undefined
      : 'an incomplete listing of connections';
  return undefined;
}

/** Each table begins with `*NAME` and ends with `COMMIT`. Nothing at all is a kernel without tables. */
function flawOfSave(lines: readonly string[]): string | undefined {
  let open = false;
  for (const line of lines) {
    if (line.startsWith('*')) {
      if (open) return 'a table without COMMIT';
      open = true;
    } else if (line === 'COMMIT') open = false;
    else if (line !== '' && !line.startsWith('#') && !(open && /^(:|-A |\[\d+:\d+\] -A )/.test(line)))
      return 'something else than tables';
  }
  return open ? 'an incomplete listing' : undefined;
}

function unreadable(text: string, { program, args }: KernelCommand, flaw: string): CommandError {
  const command = [program, ...args].join(' ');
  const begins = text === '' ? 'nothing' : quoted(text.length > shown ? `${text.slice(0, shown)}...` : text);
  const outcome = `succeeded, but printed ${flaw}: ${begins}`;
  return new CommandError({ doing, command, outcome, stderr: '', look: command });
}
