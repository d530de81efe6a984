import type { Guest, Nic } from '../model/guest.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { toSystem } from '../system/log-line.ts';
import {
  arrivingName,
  parseXenDomains,
  parseXenInterfaces,
  parseXenNames,
  type XenInterface,
  xenGuest,
} from './xen-guests.ts';
import { vifScript, xenCallsUs } from './xen-scripts.ts';
import { hasXenstore, listXenstore, readXenstore } from './xenstore.ts';
import { unescapeXenstore } from './xenstore-listing.ts';

/**
 * The Xen guests whose interfaces are ours to look after, libvirt's among them: those whose vif scripts call guestgate.
 *
 * @returns undefined if unknown: Xen does not run, or xenstore does not answer
 */
export function xenGuests(): Guest[] | undefined {
  if (!hasXenstore()) return undefined;
  const listing = listWhole('backend/vif');
  if (listing === 'not whole') return undefined;
  // Without any interface there is no such folder.
  if (listing === undefined) return readXenstore(['domid']) === undefined ? undefined : [];
  return guestsOf(parseXenInterfaces(listing));
}

/**
 * All that Xen runs, also those whose vif scripts do not call us, and those without an interface; of their interfaces nothing.
 *
 * @returns undefined if unknown
 */
export function runningUnderXen(): Guest[] | undefined {
  const listing = listDomains();
  return listing === undefined ? undefined : parseXenDomains(listing);
}

function listDomains(): string | undefined {
  if (!hasXenstore()) return undefined;
  const listing = listWhole('/local/domain');
  // Domain 0 is always listed.
  return listing === undefined || listing === 'not whole' || listing.trim() === '' ? undefined : listing;
}

/** The names of all domains, looked up only where one arrives: what it is called depends on the others. */
function otherNames(names: readonly (readonly string[])[]): ReadonlySet<string> | undefined {
  if (!names.some(([name = '']) => arrivingName(name) !== undefined)) return new Set();
  const listing = listDomains();
  return listing === undefined ? undefined : parseXenNames(listing);
}

/**
 * The guest that a domain is.
 *
 * @param folder the folder of its interfaces: `backend/vif/1`
 * @returns undefined if xenstore does not list its interfaces
 */
export function xenGuestIn(folder: string): Guest | undefined {
  const listing = listWhole(folder);
  return listing === undefined || listing === 'not whole'
    ? undefined
    : guestsOf(parseXenInterfaces(listing))[0];
}

/** An incomplete listing must not look like guests that have ended: the result is unknown, and the log says why. */
function listWhole(path: string): string | 'not whole' | undefined {
  try {
    return listXenstore(path);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    void toSystem({ level: 'error', message: `asking xenstore for ${path}: ${messageOf(error)}` });
    return 'not whole';
  }
}

/** Interfaces as a domain's XML describes them, each with what Xen says of it. */
export function withVifs(nics: readonly Nic[], known: readonly Nic[]): Nic[] {
  return nics.map((nic) => {
    const same = known.find((one) => (nic.tap === undefined ? one.mac === nic.mac : one.tap === nic.tap));
    if (same?.vif === undefined) return nic;
    const addresses = [...new Set([...nic.addresses, ...same.addresses])];
    return { ...same, ...nic, ...(same.tap !== undefined && { tap: same.tap }), addresses, vif: same.vif };
  });
}

/** Of interfaces whose script does not call us, all that concerns us is where they lead. */
function guestsOf(nics: readonly XenInterface[]): Guest[] {
  const all = xenCallsUs();
  const isOurs = ({ script }: XenInterface) => all || script === vifScript;
  const domains = [...new Set(nics.filter(isOurs).map(({ domain }) => domain))];
  const names = namesOf(domains);
  const others = otherNames(names);
  return domains.map((domain, index) => {
    const [name = '', vm = ''] = names[index] ?? [];
    const own = nics.filter((nic) => nic.domain === domain).map((nic) => asNic(nic, isOurs(nic)));
    // A driver domain may not read it, and a domain that ends has none any more.
    return xenGuest(name === '' ? `domain-${domain}` : name, vm, own, others);
  });
}

function asNic({ nic: { vif, ...nic } }: XenInterface, isOurs: boolean): Nic {
  return isOurs ? { ...nic, vif } : nic;
}

/** Name and node of each; asked for together, or, where one has just ended, one by one. */
function namesOf(domains: readonly number[]): (readonly string[])[] {
  if (domains.length === 0) return [];
  const paths = (domain: number) => [`/local/domain/${domain}/name`, `/local/domain/${domain}/vm`];
  const all = readXenstore(domains.flatMap(paths))?.map(unescapeXenstore);
  if (all !== undefined) return domains.map((_, index) => all.slice(2 * index, 2 * index + 2));
  if (domains.length === 1) return [readXenstore(paths(domains[0] ?? 0).slice(0, 1)) ?? []];
  return domains.map((domain) => readXenstore(paths(domain))?.map(unescapeXenstore) ?? []);
}
