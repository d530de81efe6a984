import type { Family } from '../../model/address.ts';
import type { InsideElement } from '../../model/element.ts';
import { chains } from './chains.ts';
import { type GuestRule, mangle, nat } from './matches.ts';

/** What the base ruleset has for a bridge, for an interface that leads to one guest. */
export function insideRules(
  { interface: name }: InsideElement,
  comment: string,
  family: Family,
): GuestRule[] {
  const loopback = family === 'ip' ? ['-d', '-s'] : [];
  const rules = [
    ...loopback.map((side) => mangle(chains.prerouting, `-i ${name} ${side} 127.0.0.0/8 ${comment} -j DROP`)),
    mangle(chains.hairpin, `-i ${name} -o ${name} ${comment} -j ${chains.depart}`),
    nat(chains.interfaces, `-i ${name} ${comment} -j ${chains.local}`),
  ];
  return rules.map((rule) => ({ ...rule, ordered: false }));
}
