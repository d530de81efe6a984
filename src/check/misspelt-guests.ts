import { allLiveDomains } from '../desired/running-guests.ts';
import { definedDomains } from '../libvirt/files.ts';
import type { Finding } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { exactKey, parseGuestKey } from '../model/guest-keys.ts';
import { quoted } from '../model/problem.ts';

/** Policies of the files for names that no guest has, where one has the same name in other letters: names of guests are case-sensitive. */
export function misspeltGuests(keys: readonly string[]): Finding[] {
  return judgeKeys(keys, [...allLiveDomains(), ...definedDomains()]);
}

/** The same for any host. Pure. */
export function judgeKeys(keys: readonly string[], guests: readonly GuestId[]): Finding[] {
  const spellingOf = spellings(guests);
  return keys.flatMap((key): Finding[] => {
    const other = spellingOf(key);
    if (other === undefined) return [];
    const problem = `the configuration has a policy for it, and the guest is called ${quoted(other)}: names are case-sensitive`;
    return [{ subject: `guest ${quoted(key)}`, problem, severity: 'something' }];
  });
}

/**
 * Finds the name that a guest has, where a key names it in other letters.
 *
 * @returns of a key: undefined if a guest has just that name, or none has a similar one
 */
export function spellings(guests: readonly GuestId[]): (key: string) => string | undefined {
  const exact = new Set(guests.flatMap((guest) => [guest.name, exactKey(guest)]));
  const byLower = new Map(
    guests.flatMap((guest) => [
      [guest.name.toLowerCase(), guest.name],
      [exactKey(guest).toLowerCase(), guest.name],
    ]),
  );
  return (key) => {
    const isName = 'name' in parseGuestKey(key);
    return isName && !exact.has(key) ? byLower.get(key.toLowerCase()) : undefined;
  };
}
