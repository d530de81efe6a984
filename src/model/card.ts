import { quoted } from './problem.ts';

/** One of a guest's network cards, as the administrator chose it. */
export type Card =
  /** Any of those on this libvirt network. */
  | { readonly network: string }
  /** In lower case. */
  | { readonly mac: string }
  /** The guest's first `<interface>` is 1. */
  | { readonly nic: number };

/** As it stands in a sentence: `on network "dmz"`, `with MAC address 52:54:00:aa:bb:01`, `number 2`. */
export function describeCard(card: Card): string {
  if ('network' in card) return `on network ${quoted(card.network)}`;
  return 'mac' in card ? `with MAC address ${card.mac}` : `number ${card.nic}`;
}

/** The same text for the same choice. */
export function cardKey(card: Card | undefined): string {
  return JSON.stringify(card) ?? '';
}

export function isSameCard(a: Card | undefined, b: Card | undefined): boolean {
  return a === b || cardKey(a) === cardKey(b);
}
