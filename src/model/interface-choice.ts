import { quoted } from './problem.ts';

/** One of a guest's network interfaces, as the administrator chose it. */
export type InterfaceChoice =
  /** Any of those on this libvirt network. */
  | { readonly network: string }
  /** In lower case. */
  | { readonly mac: string }
  /** The guest's first `<interface>` is 1. */
  | { readonly nic: number };

/** As part of a sentence: `on network "dmz"`, `with MAC address 52:54:00:aa:bb:01`, `number 2`. */
export function describeInterfaceChoice(choice: InterfaceChoice): string {
  if ('network' in choice) return `on network ${quoted(choice.network)}`;
  return 'mac' in choice ? `with MAC address ${choice.mac}` : `number ${choice.nic}`;
}

/** The same text for the same choice. */
export function interfaceChoiceKey(choice: InterfaceChoice | undefined): string {
  return JSON.stringify(choice) ?? '';
}

export function isSameInterfaceChoice(
  a: InterfaceChoice | undefined,
  b: InterfaceChoice | undefined,
): boolean {
  return a === b || interfaceChoiceKey(a) === interfaceChoiceKey(b);
}
