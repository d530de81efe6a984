import { type Address, familyOf } from '../model/address.ts';
import type { FamilyElement } from '../model/element.ts';
import type { GuestPolicy, Opening } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { within } from './guards.ts';
import { limits } from './limits.ts';

/** The ports of the guest's own address that are admitted as they are, and who may use them. */
export function planOpen(policy: GuestPolicy, guest: Address, problems: string[]): FamilyElement[] {
  return withoutRepetition(policy.open ?? [], problems).flatMap(
    ({ protocol, ports, from = policy.allowFrom, ...limited }) => [
      ...(from === undefined
        ? []
        : [{ kind: 'open-guard' as const, guest, protocol, ports, from: within(from, familyOf(guest)) }]),
      ...limits({ guest, protocol, ports }, limited),
      { kind: 'open' as const, guest, protocol, ports },
    ],
  );
}

/** Two ranges that overlap cannot stand in one set: the first one counts. */
function withoutRepetition(openings: readonly Opening[], problems: string[]): Opening[] {
  const kept: Opening[] = [];
  for (const opening of openings) {
    const other = kept.find((one) => one.protocol === opening.protocol && overlap(one.ports, opening.ports));
    if (other === undefined) kept.push(opening);
    else if (other.text !== opening.text)
      problems.push(`open ${opening.text} repeats ports of ${other.text}`);
  }
  return kept;
}
