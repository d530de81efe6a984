import { allLiveDomains } from '../desired/running-guests.ts';
import { definedNames } from '../libvirt/files.ts';
import type { Finding } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';

/** Policies of the files for names that no guest has, where one has the same name in other letters: names of guests are case-sensitive. */
export function misspeltGuests(policies: Iterable<string>): Finding[] {
  return judgeNames([...policies], [...allLiveDomains().map(({ name }) => name), ...definedNames()]);
}

/** The same for any host. Pure. */
export function judgeNames(policies: readonly string[], guests: readonly string[]): Finding[] {
  const known = new Set(guests);
  const byLower = new Map(guests.map((name) => [name.toLowerCase(), name]));
  return policies.flatMap((name): Finding[] => {
    const other = known.has(name) ? undefined : byLower.get(name.toLowerCase());
    if (other === undefined) return [];
    const problem = `the configuration has a policy for it, and the guest is called ${quoted(other)}: names are case-sensitive`;
    return [{ subject: `guest ${quoted(name)}`, problem, severity: 'something' }];
  });
}
