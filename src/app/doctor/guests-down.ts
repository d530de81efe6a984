import { quoted } from '../../model/problem.ts';
import { isLive, readPersistentDomain } from '../../system/libvirt-files.ts';
import { loadConfiguration } from '../configuration.ts';
import { allLiveDomains, findLive } from '../live-domains.ts';
import type { Examination, Finding } from './finding.ts';
import { shellWord } from './guests-of.ts';

/** A guest that the configuration names. */
export interface NamedGuest {
  /** Name or UUID. */
  readonly name: string;
  readonly state: 'runs' | 'defined' | 'unknown';
}

export function judgeGuests(guests: readonly NamedGuest[], known: readonly string[]): Finding[] {
  return guests.flatMap(({ name, state }): Finding[] => {
    if (state === 'runs') return [];
    if (state === 'defined')
      return [
        {
          harm: 'something',
          what: `guest ${quoted(name)} does not run: nothing of it is open`,
          mend: `virsh start ${shellWord(name)}`,
        },
      ];
    const running = known.length === 0 ? '' : ` (it knows ${known.slice(0, 5).map(quoted).join(', ')})`;
    return [
      {
        harm: 'something',
        what: `the configuration names guest ${quoted(name)}, and libvirt knows no guest of that name${running}`,
        mend: 'virsh list --all',
      },
    ];
  });
}

export const guestsDown: Examination = async () => {
  const configuration = await loadConfiguration();
  const guests = [...configuration.guests.keys()].map((name): NamedGuest => {
    if (findLive(name) !== undefined) return { name, state: 'runs' };
    const defined = readPersistentDomain(name);
    if (defined === undefined) return { name, state: 'unknown' };
    return { name, state: isLive(defined.guest) ? 'runs' : 'defined' };
  });
  return judgeGuests(
    guests,
    allLiveDomains().map(({ name }) => name),
  );
};
