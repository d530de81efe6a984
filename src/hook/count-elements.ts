import type { Address } from '../model/address.ts';
import { isAntispoof } from '../model/antispoof.ts';
import type { Element, GuestElement } from '../model/element.ts';

/**
 * Counts elements for a log line: `3 forwards to 192.168.122.41`.
 *
 * @param address the guest's; if undefined, no address is named
 */
export function summarize(elements: readonly Element[], address?: Address): string {
  const count = (kind: GuestElement['kind']) => elements.filter((element) => element.kind === kind).length;
  const ports = elements.filter(isAntispoof);
  const parts = [
    [ports.filter((port) => port.unaccepted !== true).length, 'vif'],
    [ports.filter((port) => port.unaccepted === true).length, 'checked port'],
    [count('forward'), 'forward'],
    [count('one-to-one'), 'public address'],
    [count('open'), 'open port'],
    [count('source-filter') + count('open-source-filter') + count('denied'), 'restriction'],
    [count('rate-limit') + count('connection-limit'), 'limit'],
  ] as const;
  const counts = parts.flatMap(([number, word]) =>
    number === 0 ? [] : `${number} ${word}${plural(number, word)}`,
  );
  const to = address === undefined || elements.every(isAntispoof) ? '' : (addressesOf(elements) ?? address);
  if (counts.length === 0) return elements.length === 0 ? 'no forwards' : `source address for ${to}`;
  return `${counts.join(', ')}${to === '' ? '' : ` to ${to}`}`;
}

/** The guest's addresses in the elements, one per family. */
function addressesOf(elements: readonly Element[]): string | undefined {
  const guests = new Set(elements.flatMap((element) => ('guest' in element ? [element.guest] : [])));
  return guests.size === 0 ? undefined : [...guests].join(' and ');
}

function plural(number: number, word: string): string {
  if (number === 1) return '';
  return word.endsWith('s') ? 'es' : 's';
}
