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

/** A place and what there is of ours. */
export interface VifRules {
  readonly place: VifPlace;
  readonly state: VifState;
}

/** Whether bridged frames pass iptables: only then `physdev` matches any, and only then they need an accept there. */
export function bridgedFramesPass(family: Family): boolean {
  return sysctl(`net.bridge.bridge-nf-call-${family}tables`) === '1';
}

/** Why the source addresses of bridged guests are not checked; undefined where nft's tables, or iptables, check them. */
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
 * Makes iptables' accepts for bridged guests what the records say, wherever they are needed; and removes them where
 * they are not, any more. A rule that can match nothing is left out: the first one of its kind would load br_netfilter,
 * and from then on all bridged frames of the host would pass iptables. To be called with the lock held.
 *
 * @returns what could not be done
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

/** Takes the accepts away. */
export function removeVifRules(): void {
  for (const { place, state } of vifRules())
    if (state.jumps > 0)
      run(place.remove(state), `removing the accepts for bridged guests from ${place.name}`);
}

/** Where the accepts of bridged guests do not stand as they should. */
export function misplacedVifRules(): string[] {
  const vifs = bridgedVifs();
  const found = vifs.length === 0 ? [] : readVifRules();
  // A listing that cannot be read now shows no drift.
  if ('problem' in found) return [];
  return found.flatMap(({ place, state }) =>
    state.needed && bridgedFramesPass(place.family) && !isInPlace(state, vifs) ? [place.name] : [],
  );
}

/** Whether the accepts of these ports stand where they belong. */
export function isInPlace({ inPlace }: VifState, vifs: readonly VifElement[]): boolean {
  return inPlace === 'both' || inPlace === (isAtBottom(vifs) ? 'bottom' : 'top');
}

/** As `vifRules()`, or why a listing cannot be read. */
function readVifRules(): VifRules[] | Finding {
  try {
    return vifRules();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failure('kernel', error, 'unread');
  }
}

/** All places of this host, as they are now. @throws CommandError if a listing is not whole */
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

/** Asked of the kernel, or of iptables where the kernel cannot be asked. */
function look({ native, list, judge, judgeRules }: VifPlace): VifState {
  const rules = native && listRules(native);
  if (native === undefined || rules === undefined) return judge(tryListing(list));
  return judgeRules(rules === 'missing' ? undefined : rules);
}
