import { loadConfiguration } from '../desired/configuration.ts';
import { allLiveDomains, findLive } from '../desired/running-guests.ts';
import { hasLibvirt, isLive, readPersistentDomain } from '../libvirt/files.ts';
import type { Guest, GuestDriver } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { runningUnderXen } from '../xen/running-guests.ts';
import type { Check, HostFinding } from './check.ts';
import { virshOf } from './guests-of.ts';

/** A guest that the configuration names, by name or UUID. */
export type NamedGuest =
  | { readonly name: string; readonly state: 'runs' | 'unknown' }
  | { readonly name: string; readonly state: 'defined'; readonly driver: GuestDriver };

/** The hypervisors of this host. */
export interface Hypervisors {
  readonly libvirt: boolean;
  readonly xen: boolean;
}

/** @param known names of guests that run */
export function judgeGuests(
  guests: readonly NamedGuest[],
  known: readonly string[],
  here: Hypervisors,
): HostFinding[] {
  return guests.flatMap((guest): HostFinding[] => {
    if (guest.state === 'runs') return [];
    const { name } = guest;
    if (guest.state === 'defined') {
      const { driver } = guest;
      const fix = `${virshOf[driver]} start ${shellWord(name)}`;
      const problem = 'it does not run: it has no open ports';
      return [{ subject: { guest: { driver, name } }, problem, severity: 'something', fix }];
    }
    const similar = known.find((one) => one.toLowerCase() === name.toLowerCase());
    const instead =
      similar === undefined
        ? `${missingIn(here)}${others(known, here)}`
        : `the guest is called ${quoted(similar)}: names are case-sensitive`;
    const problem = `the configuration has a policy for it, and ${instead}`;
    const fix = here.libvirt ? 'virsh list --all' : 'xl list';
    return [{ subject: `guest ${quoted(name)}`, problem, severity: 'something', fix }];
  });
}

/** xl keeps no list of guests that do not run. */
function missingIn({ libvirt, xen }: Hypervisors): string {
  if (!xen) return 'libvirt knows no guest of that name';
  return libvirt
    ? 'libvirt knows no guest of that name, nor does Xen run one'
    : 'Xen runs no guest of that name';
}

function others(known: readonly string[], { libvirt, xen }: Hypervisors): string {
  if (known.length === 0) return '';
  const verb = libvirt && xen ? 'they know' : xen ? 'it runs' : 'it knows';
  return ` (${verb} ${known.slice(0, 5).map(quoted).join(', ')})`;
}

export const guestsDown: Check = async () => {
  const configuration = await loadConfiguration();
  const xen = runningUnderXen();
  const running = [...allLiveDomains(), ...(xen ?? [])].map(({ name }) => name);
  const known = new Set(running);
  const guests = [...configuration.guests.keys()].map((name) => stateOf(name, known, xen ?? []));
  return judgeGuests(guests, [...known], { libvirt: hasLibvirt(), xen: xen !== undefined });
};

/** @param running names: the folders of thousands of guests are not read for each of them */
function stateOf(name: string, running: ReadonlySet<string>, xen: readonly Guest[]): NamedGuest {
  if (running.has(name)) return { name, state: 'runs' };
  const isMeant = (guest: Guest) => guest.name === name || guest.uuid === name.toLowerCase();
  if (findLive(name) !== undefined || xen.some(isMeant)) return { name, state: 'runs' };
  const defined = readPersistentDomain(name)?.guest;
  if (defined === undefined) return { name, state: 'unknown' };
  return isLive(defined) ? { name, state: 'runs' } : { name, state: 'defined', driver: defined.driver };
}
