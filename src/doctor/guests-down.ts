import { loadConfiguration } from '../desired/configuration.ts';
import { allLiveDomains, findLive } from '../desired/running-guests.ts';
import { hasLibvirt, isLive, readPersistentDomain } from '../libvirt/files.ts';
import type { Guest, GuestDriver } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { runningUnderXen } from '../xen/running-guests.ts';
import type { Check, Finding } from './finding.ts';
import { shellWord, virshOf } from './guests-of.ts';

/** A guest that the configuration names, by name or UUID. */
export type NamedGuest =
  | { readonly name: string; readonly state: 'runs' | 'unknown' }
  | { readonly name: string; readonly state: 'defined'; readonly driver: GuestDriver };

/** Who could know of guests here. */
export interface Hypervisors {
  readonly libvirt: boolean;
  readonly xen: boolean;
}

/** @param known names of guests that run */
export function judgeGuests(
  guests: readonly NamedGuest[],
  known: readonly string[],
  here: Hypervisors,
): Finding[] {
  return guests.flatMap((guest): Finding[] => {
    if (guest.state === 'runs') return [];
    const name = quoted(guest.name);
    if (guest.state === 'defined') {
      const what = `guest ${name} does not run: nothing of it is open`;
      return [
        { severity: 'something', what, fix: `${virshOf[guest.driver]} start ${shellWord(guest.name)}` },
      ];
    }
    const what = `the configuration names guest ${name}, and ${whoKnowsNone(here)}${hint(known, here)}`;
    return [{ severity: 'something', what, fix: here.libvirt ? 'virsh list --all' : 'xl list' }];
  });
}

/** xl keeps no list of guests that do not run. */
function whoKnowsNone({ libvirt, xen }: Hypervisors): string {
  if (!xen) return 'libvirt knows no guest of that name';
  return libvirt
    ? 'libvirt knows no guest of that name, nor does Xen run one'
    : 'Xen runs no guest of that name';
}

function hint(known: readonly string[], { libvirt, xen }: Hypervisors): string {
  if (known.length === 0) return '';
  const verb = libvirt && xen ? 'they know' : xen ? 'it runs' : 'it knows';
  return ` (${verb} ${known.slice(0, 5).map(quoted).join(', ')})`;
}

export const guestsDown: Check = async () => {
  const configuration = await loadConfiguration();
  const xen = runningUnderXen();
  const guests = [...configuration.guests.keys()].map((name) => stateOf(name, xen ?? []));
  const running = [...allLiveDomains(), ...(xen ?? [])].map(({ name }) => name);
  return judgeGuests(guests, [...new Set(running)], { libvirt: hasLibvirt(), xen: xen !== undefined });
};

function stateOf(name: string, xen: readonly Guest[]): NamedGuest {
  const isMeant = (guest: Guest) => guest.name === name || guest.uuid === name.toLowerCase();
  if (findLive(name) !== undefined || xen.some(isMeant)) return { name, state: 'runs' };
  const defined = readPersistentDomain(name)?.guest;
  if (defined === undefined) return { name, state: 'unknown' };
  return isLive(defined) ? { name, state: 'runs' } : { name, state: 'defined', driver: defined.driver };
}
