import type { Family } from '../../model/address.ts';
import { type HeadRuleState, lookingAt } from '../head-rule-state.ts';
import { type HeadRulePlace, iptablesOf } from '../head-rules.ts';
import { hex } from '../names.ts';
import { chains } from './chains.ts';
import { judgeJump } from './jumps-to-ours.ts';
import { restore, save, type Variant } from './programs.ts';

/*
 * The two variants' nat tables run at the same priority, and which is asked first depends on which was there first.
 * What we are about to translate carries our bit of both marks, packet and connection: at the head of the other variant's
 * POSTROUTING it is accepted as it is, and so left to us. The packet's mark alone may be another program's.
 */

/** The nat table of the variant that is not ours. */
export function foreignNat(other: Variant, family: Family): HeadRulePlace {
  const where = { family, table: 'nat', chain: 'POSTROUTING' };
  const own = chains.postrouting;
  const iptables = iptablesOf(family);
  const looking = lookingAt(where, (rule) => rule.jump === own);
  const section = (lines: readonly string[]) =>
    restore(other, family, `*nat\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`);
  const removal = ({ found }: HeadRuleState) => found.map(() => `-D POSTROUTING -j ${own}`);
  const place = {
    name: `${iptables}${other === 'legacy' ? '-legacy' : ''} nat POSTROUTING`,
    family,
    // Naming the chain creates it, or empties it where it is: either way its one rule follows.
    assert: (state: HeadRuleState, mark: number) =>
      section([
        `:${own} - [0:0]`,
        ...removal(state),
        `-I POSTROUTING 1 -j ${own}`,
        `-A ${own} -m mark --mark ${bitOf(mark)} -m connmark --mark ${bitOf(mark)} -j ACCEPT`,
      ]),
    remove: (state: HeadRuleState) => section([...removal(state), `-F ${own}`, `-X ${own}`]),
  };
  if (other === 'nft') return { ...place, ...looking };
  return {
    ...place,
    list: save('legacy', family),
    judge: (listing) => {
      const others = (listing ?? '').match(/^-A POSTROUTING (?!-j GUESTGATE-)/m) !== null;
      return { ...judgeJump(listing, 'nat', 'POSTROUTING', own), needed: others };
    },
  };
}

function bitOf(mark: number): string {
  return `${hex(mark)}/${hex(mark)}`;
}
