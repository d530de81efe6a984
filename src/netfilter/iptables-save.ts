/** A rule as iptables-save writes it, and its words, `-A CHAIN` left out. */
export interface SavedRule {
  readonly text: string;
  readonly words: readonly string[];
}

export interface SavedChain {
  readonly name: string;
  /** Of built-in chains alone. */
  readonly policy?: string;
  readonly rules: readonly SavedRule[];
}

export interface SavedTable {
  readonly name: string;
  readonly chains: ReadonlyMap<string, SavedChain>;
}

/** Reads `iptables-save`, of either kind and family. */
export function parseSavedTables(text: string): SavedTable[] {
  const tables: { name: string; chains: Map<string, SavedChain & { rules: SavedRule[] }> }[] = [];
  for (const line of text.split('\n')) {
    const table = tables.at(-1);
    if (line.startsWith('*')) tables.push({ name: line.slice(1).trim(), chains: new Map() });
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined && policy !== undefined)
      table?.chains.set(name, { name, ...(policy !== '-' && { policy }), rules: [] });
    if (!line.startsWith('-A ')) continue;
    const [, chain = '', ...words] = wordsOf(line);
    table?.chains.get(chain)?.rules.push({ text: line, words });
  }
  return tables;
}

/** Words, those in quotes as one. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '',
  );
}
