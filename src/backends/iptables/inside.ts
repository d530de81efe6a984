import type { InsideElement } from '../../model/element.ts';
import { chains } from './chains.ts';
import { type GuestRule, mangle, nat } from './matches.ts';

/** What the base ruleset has for a bridge, for an interface that leads to one guest. */
export function insideRules({ interface: name }: InsideElement, comment: string): GuestRule[] {
  const rules = [
    mangle(chains.spoofed, `-i ${name} ${comment} -j ${chains.strange}`),
    mangle(chains.hairpin, `-i ${name} -o ${name} ${comment} -j ${chains.depart}`),
    nat(chains.interfaces, `-i ${name} ${comment} -j ${chains.local}`),
  ];
  return rules.map((rule) => ({ ...rule, ordered: false }));
}
