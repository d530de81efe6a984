import type { Address } from '../model/address.ts';
import type { Element, GuestElement } from '../model/element.ts';
import { isVif } from '../model/vif.ts';

/**
 * `3 forwards to 192.168.122.41`.
 *
 * @param address the guest's: without it, nothing is said of where to
 */
export function summarize(elements: readonly Element[], address?: Address): string {
  const count = (kind: GuestElement['kind']) => elements.filter((element) => element.kind === kind).length;
  const parts = [
    [count('vif'), 'vif'],
    [count('forward'), 'forward'],
    [count('one-to-one'), 'public address'],
    [count('open'), 'open port'],
    [count('source-filter') + count('open-source-filter'), 'restriction'],
    [count('rate-limit') + count('connection-limit'), 'limit'],
  ] as const;
  const said = parts.flatMap(([number, word]) =>
    number === 0 ? [] : `${number} ${word}${plural(number, word)}`,
  );
  const to = address === undefined || elements.every(isVif) ? '' : (addressesOf(elements) ?? address);
  if (said.length === 0) return elements.length === 0 ? 'no forwards' : `source address for ${to}`;
  return `${said.join(', ')}${to === '' ? '' : ` to ${to}`}`;
}

/** All addresses of the guest that elements lead to: one of each family. */
function addressesOf(elements: readonly Element[]): string | undefined {
  const guests = new Set(elements.flatMap((element) => ('guest' in element ? [element.guest] : [])));
  return guests.size === 0 ? undefined : [...guests].join(' and ');
}

function plural(number: number, word: string): string {
  if (number === 1) return '';
  return word.endsWith('s') ? 'es' : 's';
}
