import { describeInterfaceChoice, type InterfaceChoice } from '../model/interface-choice.ts';
import { quoted } from '../model/problem.ts';
import type { NicSurroundings } from './find-address.ts';

/** The guest's cards that the administrator may have meant; without a choice, all. */
export function chosen(
  card: InterfaceChoice | undefined,
  surroundings: readonly NicSurroundings[],
): readonly NicSurroundings[] {
  if (card === undefined) return surroundings;
  if ('nic' in card) return surroundings.slice(card.nic - 1, card.nic);
  if ('mac' in card) return surroundings.filter(({ nic }) => nic.mac === card.mac);
  return surroundings.filter(
    ({ nic, network }) => nic.network === card.network || network?.name === card.network,
  );
}

/** What is said where none of them is the chosen one: `it has no card on network "dmz": its cards are ...`. */
export function describeMissing(card: InterfaceChoice, surroundings: readonly NicSurroundings[]): string {
  const cards = surroundings.map(({ nic, network }, index) => {
    const name = nic.network ?? network?.name;
    const bridge = nic.bridge === undefined ? '' : ` on bridge ${nic.bridge}`;
    const where = name === undefined ? bridge : ` on network ${quoted(name)}`;
    return `${index + 1}: ${nic.mac ?? 'without MAC address'}${where}`;
  });
  const there = cards.length === 0 ? 'it has none at all' : `its cards are ${cards.join(', ')}`;
  return `it has no card ${describeInterfaceChoice(card)}: ${there}`;
}
