import type { Backend } from '../backends/backend.ts';
import { rulesetEdition } from '../backends/names.ts';
import type { BackendName } from '../model/backend-name.ts';
import { distinctClaims } from '../model/element-claims.ts';
import { describeFinding } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { UserError } from '../model/problem.ts';
import { type IndexedClaim, rebuildClaims } from '../state/claims.ts';
import { nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { recordNames } from '../state/record-files.ts';
import { type GuestRecord, readRecord, writeRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { tryRun } from '../system/run.ts';
import { arePortTablesThere } from './antispoof-tables.ts';
import type { GuestChange, HostChange } from './change.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { familiesInUse } from './head-rule-places.ts';
import { assertHeadRules, assertJumps } from './head-rules.ts';
import { elementsOfNetworks } from './kernel.ts';
import { findLeftovers, removeLeftovers } from './leftovers.ts';
import { switchLoopback } from './loopback.ts';
import { restoreProtection } from './protection-table.ts';
import { load, type Rejected } from './rebuild-load.ts';
import { hasAdmittingNetworks } from './standing-rules.ts';
import { enter, removeLeft } from './switch-backend.ts';
import { withoutElements } from './transaction-files.ts';
import { setUnreadableAside } from './unreadable.ts';
import { makeUserTable } from './user-rules.ts';

interface RebuildOptions {
  readonly doing: string;
  /** A person waits, not libvirt: longer time limits. */
  readonly patient: boolean;
  /** Writes the changed records while the kernel works. */
  readonly write: () => void;
}

/**
 * Rebuilds all rules of guestgate in one transaction, from the records and their changes. This repairs any difference
 * between records and kernel, for example after another program flushed the ruleset. Part of `transact()`, which holds
 * the lock and writes the journal.
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
  if (backend.name === 'nftables' && records.length > 0) makeUserTable();
  await restoreProtection();
  await assertPlaces(backend, left, host.mark, records.length > 0);
  const settle = () => {
    settleOthers(others, rejected);
    rebuildClaims(claimsOfAll(records.filter(({ guest }) => !rejected.has(recordName(guest)))));
    const { leaving: _, ...rest } = readHostState();
    if (
      host.mark !== rest.mark ||
      rest.edition !== rulesetEdition ||
      state.leaving !== undefined ||
      left !== undefined ||
      rest.backend !== backend.name
    )
      writeHostState({ ...rest, mark: host.mark, edition: rulesetEdition, backend: backend.name });
    restoreInterfaces(
      others.filter((record) => isWorthAdding(record) && !rejected.has(recordName(record.guest))),
    );
  };
  // If rules are only removed, a full disk must not keep them in place.
  if (changes.some(({ after }) => isWorthAdding(after))) settle();
  else bestEffort('recording the rebuild', settle);
  return rejected;
}

/** The unchanged records. One that cannot be read is set aside, and its guest is planned again. */
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
  // Without a state file, any rules of another back end are leftovers.
  const hasHostState = state.mark !== undefined && nameInUse(state) !== undefined;
  const leftovers = hasHostState ? [] : findLeftovers(backend.name);
  // Networks alone need no accept rule, and before the first guest there is no head rule to be put back.
  const differs = mark !== state.mark || state.edition !== rulesetEdition;
  const remade = differs && (state.mark !== undefined || anyGuest);
  if (remade || left !== undefined || leftovers.length > 0)
    await assertHeadRules(backend, mark, { always: true });
  else if (hasAdmittingNetworks()) await assertHeadRules(backend, mark);
  else {
    const [problem] = await assertJumps(backend);
    if (problem !== undefined) throw new UserError(describeFinding(problem));
  }
  if (left !== undefined) await removeLeft(left, backend);
  if (!hasHostState) await removeLeftovers(leftovers, backend);
}

/** Corrects the records of unchanged guests that the kernel refused. */
function settleOthers(records: readonly GuestRecord[], rejected: Rejected): void {
  for (const record of records) {
    const refusal = rejected.get(recordName(record.guest));
    if (refusal !== undefined) writeRecord(withoutElements(record, refusal));
  }
}

/** Switches bridge ports and bridges on again for unchanged guests: other programs may have switched them off. */
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
    return distinctClaims(record.elements).map((claim) => ({ claim, holder }));
  });
}

/** Whether guestgate's own chains are complete: another program may have flushed the ruleset, or only the rules in it. */
export function isBaseRulesetComplete(backend: Backend): boolean {
  const state = readHostState();
  const whole = { networks: elementsOfNetworks(state.networks), mark: state.mark ?? defaultHostPolicy.mark };
  return (
    arePortTablesThere() &&
    familiesInUse().every((family) => backend.isComplete(tryRun(backend.probe(family, whole))))
  );
}
