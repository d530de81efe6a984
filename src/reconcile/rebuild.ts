import type { Backend } from '../backends/backend.ts';
import { listChain } from '../backends/nftables/listing.ts';
import type { BackendName } from '../model/backend-name.ts';
import { claimOf } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { type IndexedClaim, rebuildClaims } from '../state/claims.ts';
import { nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { recordedVifTables } from '../state/port-tables.ts';
import {
  type GuestRecord,
  readRecord,
  recordedFamilies,
  recordNames,
  writeRecord,
} from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasProgram } from '../system/host.ts';
import { tryRun } from '../system/run.ts';
import type { GuestChange, HostChange } from './change.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { assertHeadRules, assertJumps } from './head-rules.ts';
import { elementsOfNetworks } from './kernel.ts';
import { findLeftovers, removeLeftovers } from './leftovers.ts';
import { switchLoopback } from './loopback.ts';
import { load, type Rejected } from './rebuild-load.ts';
import { enter, removeLeft } from './switch-backend.ts';
import { setUnreadableAside } from './unreadable.ts';

interface RebuildOptions {
  readonly doing: string;
  /** A person waits, not libvirt: the kernel may take its time. */
  readonly patient: boolean;
  /** Writes the records of the changes, while the kernel is at work. */
  readonly write: () => void;
}

/**
 * Makes our part of the kernel's ruleset again, in one transaction, from the records and what changes of them: the answer
 * where the two disagree, whoever flushed what. A part of `transact()`, which has the lock and the journal.
 */
export async function rebuildKernel(
  changes: readonly GuestChange[],
  host: HostChange,
  { doing, patient, write }: RebuildOptions,
): Promise<Rejected> {
  const state = readHostState();
  const changing = new Set(changes.map(({ name }) => name));
  const others = await readOthers(changing);
  const records = [...others, ...changes.map(({ after }) => after)].filter(isWorthAdding);
  records.sort((a, b) => (recordName(a.guest) < recordName(b.guest) ? -1 : 1));
  const { backend, left } = await enter(state, host.backend);
  const loading = load({ backend, records, host, doing, patient });
  write();
  const rejected = await loading;
  await assertPlaces(backend, left, host.mark, records.length > 0);
  const settle = () => {
    settleOthers(others, rejected);
    rebuildClaims(claimsOfAll(records.filter(({ guest }) => !rejected.has(recordName(guest)))));
    const { leaving: _, ...rest } = readHostState();
    if (
      host.mark !== rest.mark ||
      state.leaving !== undefined ||
      left !== undefined ||
      rest.backend !== backend.name
    )
      writeHostState({ ...rest, mark: host.mark, backend: backend.name });
    restoreInterfaces(
      others.filter((record) => isWorthAdding(record) && !rejected.has(recordName(record.guest))),
    );
  };
  // Where all that changes is removed, a full disk does not keep it in place.
  if (changes.some(({ after }) => isWorthAdding(after))) settle();
  else bestEffort('noting what was rebuilt', settle);
  return rejected;
}

/** The records that stay as they are. One that cannot be read is set aside, and its guest planned again. */
async function readOthers(changing: ReadonlySet<string>): Promise<GuestRecord[]> {
  const found: GuestRecord[] = [];
  for (const name of recordNames()) {
    if (changing.has(name)) continue;
    const record = readRecord(name);
    if (record?.unreadable !== undefined) await setUnreadableAside(name, record.unreadable);
    else if (record !== undefined) found.push(record);
  }
  return found;
}

function isWorthAdding({ elements }: GuestRecord): boolean {
  return elements.length > 0;
}

async function assertPlaces(
  backend: Backend,
  left: BackendName | undefined,
  mark: number,
  anyGuest: boolean,
): Promise<void> {
  const state = readHostState();
  // No state says what was in the kernel before: whatever another back end has there is not wanted.
  const known = state.mark !== undefined && nameInUse(state) !== undefined;
  const leftovers = known ? [] : findLeftovers(backend.name);
  // Networks alone need no accept, and before the first guest there is none to be put first again.
  const remade = mark !== state.mark && (state.mark !== undefined || anyGuest);
  if (remade || left !== undefined || leftovers.length > 0) assertHeadRules(backend, mark, true);
  else assertJumps(backend);
  if (left !== undefined) await removeLeft(left, backend);
  if (!known) await removeLeftovers(leftovers, backend);
}

/** Says in the records of guests that did not change what the kernel holds, where it refused them. */
function settleOthers(records: readonly GuestRecord[], rejected: Rejected): void {
  for (const record of records) {
    const problem = rejected.get(recordName(record.guest));
    if (problem !== undefined)
      writeRecord({ ...record, elements: [], problems: [...record.problems, problem] });
  }
}

/** Switches bridge ports and bridges as the rules of guests that did not change need them: other programs switch them, too. */
function restoreInterfaces(records: readonly GuestRecord[]): void {
  const before = new Map(records.map((record) => [recordName(record.guest), record.hairpinPorts.length]));
  for (const record of withHairpinPorts(records)) {
    if (record.hairpinPorts.length !== before.get(recordName(record.guest))) writeRecord(record);
    switchHairpin(record, true);
    switchLoopback(record, true);
  }
}

function claimsOfAll(records: readonly GuestRecord[]): IndexedClaim[] {
  return records.flatMap((record) => {
    const holder = recordName(record.guest);
    return record.elements.flatMap((element) => {
      const claim = claimOf(element);
      return claim === undefined ? [] : [{ claim, holder }];
    });
  });
}

/** Whether our own chains are there: another program may have flushed the ruleset, or only its rules. */
export function isBaseRulesetComplete(backend: Backend): boolean {
  const state = readHostState();
  const whole = { networks: elementsOfNetworks(state.networks), mark: state.mark ?? defaultHostPolicy.mark };
  const ports =
    !hasProgram('nft') ||
    recordedVifTables().every((table) => tryRun(listChain(table, 'check')) !== undefined);
  return (
    ports && recordedFamilies().every((family) => backend.isComplete(tryRun(backend.probe(family, whole))))
  );
}
