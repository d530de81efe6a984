import type { SavedRule } from './iptables-save.ts';

/** An option of a rule: `! --dport 80`, of the match `-m` before it. */
export interface Match {
  readonly module: string;
  readonly option: string;
  readonly words: readonly string[];
  readonly negated: boolean;
}

export interface SavedTarget {
  readonly name: string;
  readonly goto: boolean;
  readonly options: ReadonlyMap<string, string>;
}

/** A rule of iptables with its options apart. */
export interface ParsedRule {
  readonly matches: readonly Match[];
  readonly target?: SavedTarget;
}

/** Targets that leave the packet and its verdict unchanged. */
export const watching: ReadonlySet<string> = new Set([
  'LOG',
  'NFLOG',
  'TCPMSS',
  'TRACE',
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'DSCP',
  'TOS',
  'TTL',
  'ULOG',
]);

/** Options belong to the match before them; those behind the target to it. */
export function parseRule({ words }: SavedRule): ParsedRule {
  const matches: Match[] = [];
  const options = new Map<string, string>();
  let target: { name: string; goto: boolean } | undefined;
  let [module, negated] = ['', false];
  for (let at = 0; at < words.length; ) {
    const option = words[at++] ?? '';
    if (option === '!') {
      negated = true;
      continue;
    }
    const values: string[] = [];
    while (at < words.length && !isOption(words[at] ?? '')) values.push(words[at++] ?? '');
    if (option === '-m') module = values[0] ?? '';
    else if (option === '-j' || option === '-g') target = { name: values[0] ?? '', goto: option === '-g' };
    else if (target !== undefined) options.set(option, values.join(' '));
    else matches.push({ module, option, words: values, negated });
    negated = false;
  }
  return { matches, ...(target !== undefined && { target: { ...target, options } }) };
}

function isOption(word: string): boolean {
  return word === '!' || /^--?[a-z]/.test(word);
}
