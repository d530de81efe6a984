import type { AntispoofPlace, PlaceState } from '../backends/antispoof/contract.ts';
import { antispoof } from '../backends/antispoof/transaction.ts';
import { iptablesOf } from '../backends/head-rules.ts';
import { type AntispoofElement, isAntispoof } from '../model/antispoof.ts';
import { type Fault, type Finding, failure } from '../model/finding.ts';
import { CommandError } from '../model/problem.ts';
import { recordedAntispoofTables } from '../state/needed-tables.ts';
import { readRecords } from '../state/records.ts';
import {
  bridgedFramesPass,
  bridgedFramesSetting,
  hasLegacyTable,
  hasProgram,
  hostFamilies,
} from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run } from '../system/run.ts';

/** A place for accepts, and what it has of ours. */
export interface PlacedAccepts {
  readonly place: AntispoofPlace;
  readonly state: PlaceState;
}

/** Why the source addresses of bridged guests are not checked; undefined where nft's tables, or iptables, check them. */
export function uncheckedSources(): Fault | undefined {
  if (hasProgram('nft') || bridgedFramesPass('ip')) return undefined;
  return {
    problem:
      'source addresses of Xen guests are not checked, whatever their ip= allows: nft is not installed, and bridged frames do not pass iptables',
    severity: 'later',
    fix: 'apt-get install nftables; guestgate replay',
    advice: `install nftables, or set ${bridgedFramesSetting('ip')}=1`,
  };
}

/** The bridged ports of all guests, from the records. */
export function bridgedPorts(): AntispoofElement[] {
  if (!recordedAntispoofTables().includes('bridge')) return [];
  return readRecords().flatMap(({ elements }) =>
    elements.filter(isAntispoof).filter(({ way }) => way === 'bridged'),
  );
}

/**
 * Makes iptables' accepts for bridged guests what the records say, wherever they are needed, and removes them where
 * they are not. A rule that can match nothing is left out: the first one of its kind would load br_netfilter, and from
 * then on all bridged frames of the host would pass iptables. To be called with the lock held.
 *
 * @returns what could not be done
 */
export function assertAccepts(): Finding[] {
  if (recordedAntispoofTables().length === 0) return [];
  const ports = bridgedPorts();
  const found = tryReadAccepts();
  if ('problem' in found) return [found];
  return found.flatMap(({ place, state }) => {
    const wanted = areNeeded({ place, state }, ports);
    if (!wanted && state.jumps === 0) return [];
    const command = wanted ? place.assert(state, ports) : place.remove(state);
    try {
      run(command, `accepting bridged guests in ${place.name}`);
      return [];
    } catch (error) {
      return [failure('kernel', error)];
    }
  });
}

/** Whether a place must have accepts for these ports. */
export function areNeeded({ place, state }: PlacedAccepts, ports: readonly AntispoofElement[]): boolean {
  return ports.length > 0 && state.needed && bridgedFramesPass(place.family);
}

/** Removes the accepts. */
export function removeAccepts(): void {
  for (const { place, state } of readAccepts())
    if (state.jumps > 0)
      run(place.remove(state), `removing the accepts for bridged guests from ${place.name}`);
}

/** The places whose accepts for bridged guests are not where they belong. */
export function misplacedAccepts(): string[] {
  const ports = bridgedPorts();
  const found = ports.length === 0 ? [] : tryReadAccepts();
  // A listing that cannot be read now shows no drift.
  if ('problem' in found) return [];
  return found.flatMap(({ place, state }) =>
    areNeeded({ place, state }, ports) && !place.isInPlace(state, ports) ? [place.name] : [],
  );
}

/** As `readAccepts()`, or why a listing cannot be read. */
function tryReadAccepts(): PlacedAccepts[] | Finding {
  try {
    return readAccepts();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failure('kernel', error, 'unread');
  }
}

/** All places of this host, as they are now. @throws CommandError if a listing is not whole */
export function readAccepts(): PlacedAccepts[] {
  return hostFamilies().flatMap((family) => {
    const iptables = iptablesOf(family);
    const host = {
      legacyFilter: hasLegacyTable(family, 'filter'),
      iptables: hasProgram(`${iptables}-nft-restore`, `${iptables}-restore`),
    };
    return antispoof.places(host, family).map((place) => ({ place, state: look(place) }));
  });
}

/** Asked of the kernel, or of iptables where the kernel cannot be asked. */
function look({ native, list, judge, judgeRules }: AntispoofPlace): PlaceState {
  const rules = native && listRules(native);
  if (native === undefined || rules === undefined) return judge(tryListing(list));
  return judgeRules(rules === 'missing' ? undefined : rules);
}
