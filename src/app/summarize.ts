import type { Address } from '../model/address.ts';
import type { Element, GuestElement } from '../model/element.ts';

/** `3 forwards to 192.168.122.41`. */
export function summarize(elements: readonly Element[], address?: Address): string {
  const count = (kind: GuestElement['kind']) => elements.filter((element) => element.kind === kind).length;
  const parts = [
    [count('forward'), 'forward'],
    [count('one-to-one'), 'public address'],
    [count('guard'), 'restriction'],
  ] as const;
  const said = parts.flatMap(([number, word]) =>
    number === 0 ? [] : `${number} ${word}${plural(number, word)}`,
  );
  if (said.length === 0) return elements.length === 0 ? 'no forwards' : `source address for ${address}`;
  return `${said.join(', ')}${address === undefined ? '' : ` to ${address}`}`;
}

function plural(number: number, word: string): string {
  if (number === 1) return '';
  return word.endsWith('s') ? 'es' : 's';
}
