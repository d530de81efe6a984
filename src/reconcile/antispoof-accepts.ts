import type { AntispoofPlace, PlaceState } from '../backends/antispoof/contract.ts';
import { antispoof } from '../backends/antispoof/transaction.ts';
import { iptablesOf } from '../backends/head-rules.ts';
import { type AntispoofElement, isAccepted, isAntispoof } from '../model/antispoof.ts';
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

/** A chain and the state of guestgate's accept rules in it. */
export interface PlacedAccepts {
  readonly place: AntispoofPlace;
  readonly state: PlaceState;
}

/** Why the source addresses of bridged guests are not checked; undefined if nftables or iptables checks them. */
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

/** The ports of all guests that iptables' FORWARD accepts, from the records. */
export function acceptedPorts(): AntispoofElement[] {
  if (!recordedAntispoofTables().includes('bridge')) return [];
  return readRecords().flatMap(({ elements }) => elements.filter(isAntispoof).filter(isAccepted));
}

/**
 * Writes iptables' accept rules for bridged guests from the records where they are needed, and removes them elsewhere.
 * While bridged frames do not pass iptables, no rule is added: the first physdev rule would load br_netfilter, and all
 * bridged frames of the host would then pass iptables. Needs the lock.
 *
 * @returns the problems
 */
export function assertAccepts(): Finding[] {
  if (recordedAntispoofTables().length === 0) return [];
  const ports = acceptedPorts();
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

/** Removes the accept rules for bridged guests. */
export function removeAccepts(): void {
  for (const { place, state } of readAccepts())
    if (state.jumps > 0)
      run(place.remove(state), `removing the accepts for bridged guests from ${place.name}`);
}

/** The chains in which the accept rules for bridged guests are missing or misplaced. */
export function misplacedAccepts(): string[] {
  const ports = acceptedPorts();
  const found = ports.length === 0 ? [] : tryReadAccepts();
  // A listing that cannot be read now shows no drift.
  if ('problem' in found) return [];
  return found.flatMap(({ place, state }) =>
    areNeeded({ place, state }, ports) && !place.isInPlace(state, ports) ? [place.name] : [],
  );
}

/** Like `readAccepts()`, but returns the reason if a listing cannot be read. */
function tryReadAccepts(): PlacedAccepts[] | Finding {
  try {
    return readAccepts();
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

/** Asks the kernel, or iptables if the kernel cannot be asked. */
function look({ native, list, judge, judgeRules }: AntispoofPlace): PlaceState {
  const rules = native && listRules(native);
  if (native === undefined || rules === undefined) return judge(tryListing(list));
  return judgeRules(rules === 'missing' ? undefined : rules);
}
