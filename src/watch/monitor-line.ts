import { names } from '../backends/names.ts';

/** Who changed the ruleset, as the kernel tells it: the process may be gone already. */
export interface Changer {
  readonly process: number;
  /** The first 15 bytes of its name. */
  readonly name: string;
}

/**
 * What a line of `nft monitor` (nft(8)) is about.
 *
 * `ours`: something of ours was taken away; `changed`: something else was changed; `lost`: nft missed some;
 * `by`: the end of a transaction, and who did what the lines before told of.
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
