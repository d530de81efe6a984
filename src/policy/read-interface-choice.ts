import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Problem } from '../model/problem.ts';
import { type Place, problemAt } from './validate.ts';

/** The card that a table chooses, if any: by one key. */
export function readInterfaceChoice(
  table: { readonly network?: string; readonly mac?: string; readonly nic?: number },
  place: Place,
  problems: Problem[],
): InterfaceChoice | undefined {
  const { network, mac, nic } = table;
  const cards = [
    ...(network === undefined ? [] : [{ network }]),
    ...(mac === undefined ? [] : [{ mac }]),
    ...(nic === undefined ? [] : [{ nic }]),
  ];
  const [card, ...others] = cards;
  if (others.length > 0) {
    const keys = cards.flatMap((one) => Object.keys(one));
    const what = `${keys.join(' and ')} choose the card`;
    problems.push(problemAt(place, keys.slice(-1), what, 'keep one of them'));
  }
  return card;
}
