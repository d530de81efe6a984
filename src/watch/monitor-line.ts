import { names } from '../backends/names.ts';

/** The process that changed the ruleset, as the kernel names it: it may have ended already. */
export interface Changer {
  readonly process: number;
  /** The first 15 bytes of its name. */
  readonly name: string;
}

/**
 * What a line of `nft monitor` (nft(8)) is about.
 *
 * `ours`: a part of guestgate's table was removed; `changed`: another change; `lost`: nft missed events; `by`: the end of a
 * transaction, and the process that made the changes in the lines before.
 */
export type MonitorLine =
  | { readonly kind: 'ours' | 'changed' | 'lost' | 'nothing' }
  | { readonly kind: 'by'; readonly changer: Changer };

const generation = /^# new generation \d+ by process (\d+) \((.*)\)$/;
const loss = new RegExp(`^(delete|destroy) \\w+ \\w+ ${names.table}(?![\\w-])`);

export function readMonitorLine(line: string): MonitorLine {
  const [, process, name] = generation.exec(line) ?? [];
  if (process !== undefined && name !== undefined)
    return { kind: 'by', changer: { process: Number(process), name } };
  // "# ERROR: We lost some netlink events!"
  if (line.startsWith('# ERROR')) return { kind: 'lost' };
  if (loss.test(line)) return { kind: 'ours' };
  return { kind: line.trim() === '' || line.startsWith('#') ? 'nothing' : 'changed' };
}
