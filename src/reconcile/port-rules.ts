import { iptablesOf } from '../backends/head-rules.ts';
import { isAtBottom, type VifPlace, type VifState, vifPlaces } from '../backends/port-head-rules.ts';
import type { Family } from '../model/address.ts';
import { type Fault, type Finding, failure } from '../model/finding.ts';
import { CommandError } from '../model/problem.ts';
import { isVif, type VifElement } from '../model/vif.ts';
import { recordedVifTables } from '../state/port-tables.ts';
import { readRecords } from '../state/records.ts';
import { hasLegacyTable, hasProgram, hostFamilies, sysctl } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run } from '../system/run.ts';

/** A chain and the state of guestgate's rules in it. */
export interface VifRules {
  readonly place: VifPlace;
  readonly state: VifState;
}

/** Whether bridged frames pass iptables: only then `physdev` matches them, and only then they need an accept rule. */
export function bridgedFramesPass(family: Family): boolean {
  return sysctl(`net.bridge.bridge-nf-call-${family}tables`) === '1';
}

/** Why the source addresses of bridged guests are not checked; undefined if nftables or iptables checks them. */
export function uncheckedSources(): Fault | undefined {
  if (hasProgram('nft') || bridgedFramesPass('ip')) return undefined;
  return {
    problem:
      'source addresses of Xen guests are not checked, whatever their ip= allows: nft is not installed, and bridged frames do not pass iptables',
    severity: 'later',
    fix: 'apt-get install nftables; guestgate replay',
    advice: 'install nftables, or set net.bridge.bridge-nf-call-iptables=1',
  };
}

/** The bridged ports of all guests, from the records. */
export function bridgedVifs(): VifElement[] {
  if (!recordedVifTables().includes('bridge')) return [];
  return readRecords().flatMap(({ elements }) =>
    elements.filter(isVif).filter(({ way }) => way === 'bridged'),
  );
}

/**
 * Writes iptables' accept rules for bridged guests from the records where they are needed, and removes them elsewhere.
 * While bridged frames do not pass iptables, no rule is added: the first physdev rule would load br_netfilter, and all
 * bridged frames of the host would then pass iptables. Needs the lock.
 *
 * @returns the problems
 */
export function assertVifRules(): Finding[] {
  if (recordedVifTables().length === 0) return [];
  const vifs = bridgedVifs();
  const found = readVifRules();
  if ('problem' in found) return [found];
  return found.flatMap(({ place, state }) => {
    const wanted = vifs.length > 0 && state.needed && bridgedFramesPass(place.family);
    if (!wanted && state.jumps === 0) return [];
    const command = wanted ? place.assert(state, vifs) : place.remove(state);
    try {
      run(command, `accepting bridged guests in ${place.name}`);
      return [];
    } catch (error) {
      return [failure('kernel', error)];
    }
  });
}

/** Removes the accept rules for bridged guests. */
export function removeVifRules(): void {
  for (const { place, state } of vifRules())
    if (state.jumps > 0)
      run(place.remove(state), `removing the accepts for bridged guests from ${place.name}`);
}

/** The chains in which the accept rules for bridged guests are missing or misplaced. */
export function misplacedVifRules(): string[] {
  const vifs = bridgedVifs();
  const found = vifs.length === 0 ? [] : readVifRules();
  // A listing that cannot be read now shows no drift.
  if ('problem' in found) return [];
  return found.flatMap(({ place, state }) =>
    state.needed && bridgedFramesPass(place.family) && !isInPlace(state, vifs) ? [place.name] : [],
  );
}

/** Whether the accept rules of these ports are in place. */
export function isInPlace({ inPlace }: VifState, vifs: readonly VifElement[]): boolean {
  return inPlace === 'both' || inPlace === (isAtBottom(vifs) ? 'bottom' : 'top');
}

/** Like `vifRules()`, but returns the reason if a listing cannot be read. */
function readVifRules(): VifRules[] | Finding {
  try {
    return vifRules();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failure('kernel', error, 'unread');
  }
}

/**
 * The state of all such chains of this host.
 *
 * @throws CommandError if a listing is incomplete
 */
export function vifRules(): VifRules[] {
  return hostFamilies().flatMap((family) => {
    const iptables = iptablesOf(family);
    const host = {
      legacyFilter: hasLegacyTable(family, 'filter'),
      iptables: hasProgram(`${iptables}-nft-restore`, `${iptables}-restore`),
    };
    return vifPlaces(host, family).map((place) => ({ place, state: look(place) }));
  });
}

/** Asks the kernel, or iptables if the kernel cannot be asked. */
function look({ native, list, judge, judgeRules }: VifPlace): VifState {
  const rules = native && listRules(native);
  if (native === undefined || rules === undefined) return judge(tryListing(list));
  return judgeRules(rules === 'missing' ? undefined : rules);
}
