import type { Element } from '../../model/element.ts';
import { chains } from './chains.ts';
import { type GuestRule, mangle } from './matches.ts';

/** Answers with the address of a guest that has one interface come by that one. */
export function answers(elements: readonly Element[], comment: string): GuestRule[] {
  const roaming = new Set(elements.flatMap((one) => (one.kind === 'roaming' ? [one.guest] : [])));
  const guests = elements.flatMap((one) =>
    (one.kind === 'forward' || one.kind === 'one-to-one' || one.kind === 'open') && !roaming.has(one.guest)
      ? [one.guest]
      : [],
  );
  return [...new Set(guests)].map((guest) => ({
    ...mangle(chains.answers, `-s ${guest} ${comment} -j DROP`),
    ordered: false,
  }));
}
