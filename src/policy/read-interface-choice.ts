import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Problem } from '../model/problem.ts';
import { type Place, problemAt } from './validate.ts';

/** The interface that a table chooses, if any: by one key. */
export function readInterfaceChoice(
  table: { readonly network?: string; readonly mac?: string; readonly nic?: number },
  place: Place,
  problems: Problem[],
): InterfaceChoice | undefined {
  const { network, mac, nic } = table;
  const choices = [
    ...(network === undefined ? [] : [{ network }]),
    ...(mac === undefined ? [] : [{ mac }]),
    ...(nic === undefined ? [] : [{ nic }]),
  ];
  const [interfaceChoice, ...others] = choices;
  if (others.length > 0) {
    const keys = choices.flatMap((one) => Object.keys(one));
    const what = `${keys.join(' and ')} choose the interface`;
    problems.push(problemAt(place, keys.slice(-1), what, 'keep one of them'));
  }
  return interfaceChoice;
}
