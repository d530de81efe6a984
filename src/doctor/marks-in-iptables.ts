import type { SavedTable } from '../explain/iptables-save.ts';
import { has, type MarkUse, type MarkUser } from './mark-use.ts';

const whole = 0xffffffff;

/** Rules that use our bit without a mask (iptables-extensions(8): connmark, mark, CONNMARK). @param tool `iptables` */
export function markUsersOfTables(tables: readonly SavedTable[], tool: string, bit: number): MarkUser[] {
  return tables.flatMap((table) =>
    [...table.chains.values()]
      .filter(({ name }) => !name.startsWith('GUESTGATE-'))
      .flatMap(({ name, rules }) =>
        rules.flatMap(({ words, text }) =>
          usesOf(words, bit).map((use) => ({
            use,
            rule: `${tool} ${table.name}: ${text}`,
            chain: `${tool} ${table.name} ${name}`,
            unrepaired: use === 'compares-connection',
          })),
        ),
      ),
  );
}

function usesOf(words: readonly string[], bit: number): MarkUse[] {
  const uses: MarkUse[] = [];
  let module = '';
  for (const [at, word] of words.entries()) {
    const value = words[at + 1] ?? '';
    if (word === '-m') module = value;
    else if (word === '--mark' && isCompared(value, bit))
      uses.push(module === 'connmark' ? 'compares-connection' : 'compares-packet');
    else if (word === '-j' && value === 'CONNMARK') return [...uses, ...connmark(words.slice(at + 2), bit)];
  }
  return uses;
}

/** A rule that asks for our bit alone is the administrator's accept. */
function isCompared(text: string, bit: number): boolean {
  const [, mask = whole] = text.split('/').map(Number);
  return has(mask, bit) && mask >>> 0 !== bit;
}

function connmark(options: readonly string[], bit: number): MarkUse[] {
  const mask = (name: string) => Number(options[options.indexOf(name) + 1 || Infinity] ?? whole);
  const masks = ['--mask', '--ctmask', '--nfmask'].map(mask);
  if (options.includes('--restore-mark')) return masks.every((one) => has(one, bit)) ? ['copies'] : [];
  if (options.includes('--save-mark'))
    return [masks[0] ?? whole, masks[1] ?? whole].every((one) => has(one, bit)) ? ['clears'] : [];
  const at = ['--set-xmark', '--set-mark'].map((name) => options.indexOf(name)).find((one) => one >= 0);
  if (at === undefined) return [];
  const [value = 0, written = whole] = (options[at + 1] ?? '').split('/').map(Number);
  return has(written, bit) && !has(value, bit) ? ['clears'] : [];
}
