import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { startFollower } from '../system/follower.ts';
import { readHostState } from '../system/host-state.ts';
import { removeOldAnswers } from '../system/queue.ts';
import { keepOnly, type Record, readRecords, recordName } from '../system/records.ts';
import { assertAnchors } from './anchors.ts';
import { applyDeltas, findDeltas } from './apply.ts';
import { decide } from './decide.ts';
import { type Desired, elementsOf } from './desired.ts';
import { endOldFlows } from './flows.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { allLiveDomains, desireAll, lookForLife } from './live-domains.ts';
import { switchLoopback, withLoopbackBridges } from './loopback.ts';
import { unitedNetworks } from './network-elements.ts';
import { networkNat, withNat } from './network-nat.ts';
import { readHost } from './reading.ts';
import { rebuildWith } from './rebuild.ts';
import { locked } from './submit.ts';
import { tolerate } from './tolerate.ts';
import { assertVifRules } from './vif-rules.ts';

/** What became of one guest. */
export interface Replayed {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/** What became of all, and what went wrong for no guest in particular. */
export interface Replay {
  readonly guests: readonly Replayed[];
  readonly problems: readonly string[];
}

/**
 * Rebuilds rules and records from the guests that run now, as libvirt's status files tell; libvirt itself is not
 * asked. Records of guests that are gone are dropped.
 */
export async function replay(): Promise<Replay> {
  const reading = await readHost();
  const { desired, unreadable } = await desireAll(allLiveDomains(), reading);
  const live = await reading.liveNetworks(() => false);
  const networks = elementsOf(live, reading);
  const ofNetworks = [...live.values()].flatMap((network) => networkNat(network, reading).problems);
  const { hostUnknown, host } = reading.configuration;
  return locked(async () => {
    removeOldAnswers();
    const before = new Map(readRecords().map((record) => [recordName(record.guest), record]));
    const records = settle(desired, new Map(before));
    const { mark: recorded } = readHostState();
    const wanted = withNat(networks);
    const told = [...unreadable, ...ofNetworks];
    const nothing = records.length === 0 && Object.keys(wanted).length === 0;
    if (nothing && recorded === undefined) return { guests: [], problems: told };
    const own = unitedNetworks(desired.map((one) => one.networks));
    const mark = hostUnknown.length === 0 ? host.mark : (recorded ?? host.mark);
    const state = { mark, networks: records.length === 0 ? wanted : { ...own, ...networks } };
    const { records: guests, changed } = await rebuildWith(records, state, 'replaying');
    for (const record of guests) {
      switchHairpin(record, true);
      switchLoopback(record, true);
    }
    if (desired.some(({ byLease }) => byLease === true)) tolerate(startFollower);
    tolerate(() => endOldFlows(differences(before, guests, changed), mark));
    const anchors = records.length > 0 || recorded !== undefined ? assertAnchors(mark, true) : [];
    return { guests, problems: [...told, ...anchors, ...assertVifRules()] };
  });
}

/**
 * The same for some guests only, by name or UUID; one that does not run is closed.
 *
 * @throws UserError if nobody knows a guest of that name
 */
export async function replaySome(names: readonly string[]): Promise<Replay> {
  const deltas = await findDeltas(names);
  const guests = applyDeltas(deltas.all, deltas.mark);
  const anchors = locked(() =>
    assertAnchors(readHostState().mark ?? deltas.mark ?? defaultHostPolicy.mark, true),
  );
  return { guests, problems: [...deltas.problems, ...anchors] };
}

/** What became of the elements of guests whose records have changed, and of those that are gone. */
function differences(
  before: ReadonlyMap<string, Record>,
  after: readonly Record[],
  changed: ReadonlySet<string>,
) {
  const kept = new Set(after.map(({ guest }) => recordName(guest)));
  const gone = [...before].flatMap(([name, record]) =>
    kept.has(name) ? [] : [{ before: record, settled: { ...record, elements: [] } }],
  );
  return [
    ...gone,
    ...after
      .filter(({ guest }) => changed.has(recordName(guest)))
      .map((record) => ({ before: before.get(recordName(record.guest)), settled: record })),
  ];
}

/** The records as they should be. Those of guests that are gone are dropped. */
function settle(desired: readonly Desired[], before: Map<string, Record>): Record[] {
  // A guest may have stopped since its file was read: its hook has removed the record, and it must stay so.
  const { isLive, isGone } = lookForLife();
  const running = desired.filter((one) => (!one.silent || one.problems.length > 0) && isLive(one.guest));
  const wished = new Set(running.map((one) => recordName(one.guest)));
  const looked = new Set(desired.map((one) => recordName(one.guest)));
  for (const [name, record] of before) {
    // What runs and was not looked at could not be read, or has started since.
    const uncertain = looked.has(name)
      ? !isLive(record.guest) && !isGone(record.guest)
      : !isGone(record.guest);
    if (wished.has(name) || uncertain) continue;
    switchHairpin(record, false);
    before.delete(name);
    switchLoopback(record, false, [...before.values()]);
  }
  const records = withLoopbackBridges(withHairpinPorts(decide(running, before)));
  keepOnly(records);
  return records;
}
