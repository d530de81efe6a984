import { type Address, families, familyOf } from '../model/address.ts';
import type { Problem } from '../model/problem.ts';
import { clash } from '../publish/clashing-forwards.ts';
import { entryOf, meaningOf, type NewForward, parseNewForwards } from '../publish/new-forwards.ts';
import { readSavedNat, type SavedNat } from './saved-nat.ts';
import type { Imported, ImportedGuest } from './translate-hooks.ts';

type Translated = Exclude<SavedNat, { kind: 'untranslated' }>;

/**
 * Translates the rules of `iptables-save` into policies. What cannot be translated is a warning with its line.
 *
 * @param guests which guest has an address
 */
export function importIptables(text: string, file: string, guests: ReadonlyMap<Address, string>): Imported {
  const warnings: Problem[] = [];
  const where = (line: number) => `${file}:${line}`;
  const byGuest = new Map<string, Translated[]>();
  for (const rule of readSavedNat(text)) {
    if (rule.kind === 'untranslated') {
      warnings.push({ where: where(rule.line), problem: `not translated: ${rule.text}`, hint: rule.why });
      continue;
    }
    const guest = guests.get(rule.guest);
    if (guest === undefined) {
      const problem = `not translated: no guest has the address ${rule.guest}`;
      warnings.push({ where: where(rule.line), problem, hint: 'guestgate publish GUEST adds its forwards' });
    } else byGuest.set(guest, [...(byGuest.get(guest) ?? []), rule]);
  }
  const imported = [...byGuest].map(([name, rules]) => translate(name, rules, where, warnings));
  return { guests: imported, problems: [], warnings };
}

function translate(
  name: string,
  rules: readonly Translated[],
  where: (line: number) => string,
  warnings: Problem[],
): ImportedGuest {
  const addresses = families.flatMap(
    (family) => rules.find(({ guest }) => familyOf(guest) === family)?.guest ?? [],
  );
  const warn = (line: number, problem: string, hint?: string) =>
    warnings.push({
      where: where(line),
      problem: `not translated: ${problem}`,
      ...(hint !== undefined && { hint }),
    });
  const kept: NewForward[] = [];
  const own: Record<'one-to-one' | 'snat', Address[]> = { 'one-to-one': [], snat: [] };
  for (const rule of rules) {
    if (!addresses.includes(rule.guest)) {
      warn(rule.line, `a guest has one address of each family, and this one has ${addresses.join(' and ')}`);
    } else if (rule.kind !== 'forward') {
      if (!own[rule.kind].includes(rule.address)) own[rule.kind].push(rule.address);
    } else {
      const { forwards, problems } = parseNewForwards(rule.texts, rule.terms);
      for (const problem of problems) warn(rule.line, problem);
      for (const next of forwards) {
        const earlier = kept.find(({ forward }) => clash(forward, next.forward));
        if (earlier === undefined) kept.push(next);
        // Of two rules for one port, the first one takes the packets.
        else if (meaningOf(earlier.forward) !== meaningOf(next.forward))
          warn(rule.line, `${next.forward.text} has a port of ${earlier.forward.text}, which comes first`);
      }
    }
  }
  return {
    name,
    where: where(rules[0]?.line ?? 1),
    addresses,
    forwards: kept.map(({ forward }) => forward),
    entries: kept.map(entryOf),
    allowFrom: undefined,
    publicAddresses: own['one-to-one'],
    // A one-to-one address implies its SNAT.
    snat: own.snat.filter((address) => !own['one-to-one'].includes(address)),
  };
}
