import { spellings } from '../check/misspelt-guests.ts';
import { loadConfiguration } from '../desired/configuration.ts';
import { allLiveDomains, findLive } from '../desired/running-guests.ts';
import { hasLibvirt, isLive, readPersistentDomain } from '../libvirt/files.ts';
import type { GuestId, LibvirtDriver } from '../model/guest.ts';
import { guestKeys, parseGuestKey } from '../model/guest-keys.ts';
import { quoted } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { runningUnderXen } from '../xen/running-guests.ts';
import type { Check, HostFinding } from './check.ts';
import { virshOf } from './guests-of.ts';

/** A guest that the configuration names by this key. */
export type NamedGuest =
  | { readonly key: string; readonly state: 'runs' | 'unknown' }
  | {
      readonly key: string;
      readonly state: 'defined';
      readonly guest: { readonly driver: LibvirtDriver; readonly name: string };
    };

/** The hypervisors of this host. */
export interface Hypervisors {
  readonly libvirt: boolean;
  readonly xen: boolean;
}

/** @param known the guests that run */
export function judgeGuests(
  guests: readonly NamedGuest[],
  known: readonly GuestId[],
  here: Hypervisors,
): HostFinding[] {
  const spellingOf = spellings(known);
  return guests.flatMap((one): HostFinding[] => {
    if (one.state === 'runs') return [];
    if (one.state === 'defined') {
      const { guest } = one;
      const fix = `${virshOf[guest.driver]} start ${shellWord(guest.name)}`;
      const problem = 'it does not run: it has no open ports';
      return [{ subject: { guest }, problem, severity: 'something', fix }];
    }
    const similar = spellingOf(one.key);
    const instead =
      similar === undefined
        ? `${missingIn(here)}${others(known, here)}`
        : `the guest is called ${quoted(similar)}: names are case-sensitive`;
    const named = parseGuestKey(one.key);
    const isLocal = 'driver' in named && named.driver === 'local';
    const problem = `the configuration has a policy for it, and ${isLocal ? 'it is not up' : instead}`;
    const fix = isLocal ? 'guestgate guest list' : here.libvirt ? 'virsh list --all' : 'xl list';
    return [{ subject: `guest ${quoted(one.key)}`, problem, severity: 'something', fix }];
  });
}

/** xl keeps no list of guests that do not run. */
function missingIn({ libvirt, xen }: Hypervisors): string {
  if (!xen) return 'libvirt knows no guest of that name';
  return libvirt
    ? 'libvirt knows no guest of that name, nor does Xen run one'
    : 'Xen runs no guest of that name';
}

function others(known: readonly GuestId[], { libvirt, xen }: Hypervisors): string {
  if (known.length === 0) return '';
  const names = [...new Set(known.map(({ name }) => name))];
  const verb = libvirt && xen ? 'they know' : xen ? 'it runs' : 'it knows';
  return ` (${verb} ${names.slice(0, 5).map(quoted).join(', ')})`;
}

export const guestsDown: Check = async () => {
  const configuration = await loadConfiguration();
  const xen = runningUnderXen();
  const running = [...allLiveDomains(), ...(xen ?? [])];
  // The folders of thousands of guests are not read for each of them.
  const known = new Set(running.flatMap((guest) => guestKeys(guest)));
  const guests = [...configuration.guests.keys()].map((key) => stateOf(key, known));
  return judgeGuests(guests, running, { libvirt: hasLibvirt(), xen: xen !== undefined });
};

function stateOf(key: string, running: ReadonlySet<string>): NamedGuest {
  if (running.has(key) || findLive(key) !== undefined) return { key, state: 'runs' };
  const guest = readPersistentDomain(key)?.guest;
  if (guest === undefined) return { key, state: 'unknown' };
  return isLive(guest) ? { key, state: 'runs' } : { key, state: 'defined', guest };
}
