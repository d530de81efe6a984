import type { Whole } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import type { Family } from '../model/address.ts';
import { type Element, familyOfElement } from '../model/element.ts';
import { type Fault, type Finding, findingsOf, ruleFault } from '../model/finding.ts';
import { isAdmitting, isStanding } from '../model/network-element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError } from '../model/problem.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { backendInUse, inspectionInUse } from '../reconcile/backend-choice.ts';
import { portsWithoutHairpin } from '../reconcile/hairpin.ts';
import { headRuleStates, jumpStates } from '../reconcile/head-rules.ts';
import { elementsOfNetworks, partOf } from '../reconcile/kernel.ts';
import { isAtLoopback } from '../reconcile/loopback.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { hostFamilies, keepsLoopback } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { list, type SharedListings } from '../system/shared-listings.ts';
import { notCompared } from './comparison.ts';
import { headRuleFaults } from './head-rule-faults.ts';

/** How rules are listed. */
type Listing = SharedListings['list'];

/** The result of comparing the kernel with the records. */
export interface Comparison {
  readonly differences: readonly Finding[];
  /** The parts that could not be compared, and why. */
  readonly unreadable: readonly Finding[];
}

/** What was read before. */
interface KnownBefore {
  readonly records: readonly GuestRecord[];
  readonly listing: Listing;
}

/** Starts the listings that `compareKernel()` asks for: with thousands of guests a program needs as long as all of the rest. */
export async function beginListings({ begin }: Pick<SharedListings, 'begin'>): Promise<void> {
  const { list: command } = await inspectionInUse(readHostState());
  for (const family of hostFamilies()) await begin(command(family));
}

/** Compares the kernel with the records, entry by entry, and the chains with a reference. */
export async function compareKernel(known: Partial<KnownBefore> = {}): Promise<Comparison> {
  const { records = readRecords(), listing = list } = known;
  const state = readHostState();
  const { mark = defaultHostPolicy.mark } = state;
  const inspection = await inspectionInUse(state);
  const whole = { guests: records.map(partOf), networks: elementsOfNetworks(state.networks), mark };
  const differences: Fault[] = [];
  const unreadable: Finding[] = [];
  let held = 0;
  for (const family of hostFamilies()) {
    const isOfFamily = (element: Element) => familyOfElement(element) === family;
    // A network alone needs no table, and a start that was killed leaves one in the files.
    const needed =
      whole.networks.some((element) => isStanding(element) && isOfFamily(element)) ||
      whole.guests.some((guest) => guest.elements.some(isOfFamily));
    try {
      const command = inspection.list(family);
      const saved = await listing(command);
      const text = saved && completeSave(saved, command, tryListing);
      if (text === undefined || !inspection.holds(text, family)) {
        if (needed)
          differences.push(ruleFault(`the ruleset has no ${inspection.title(family)}`, 'everything'));
        continue;
      }
      held++;
      differences.push(
        ...inspection.differences(whole, family, text, await reference(inspection, whole, family)),
      );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      unreadable.push(notCompared(inspection.title(family), error));
    }
  }
  const isIdle = records.length === 0 && !whole.networks.some(isStanding);
  if (held + unreadable.length === 0 || isIdle)
    return { differences: findingsOf('kernel', differences), unreadable };
  // Without a guest that has rules, or a network that lets guests out, the head rules have nothing to accept.
  const backend = await backendInUse(state);
  const isAlone = !whole.networks.some(isAdmitting);
  const headRules = await (isAlone && whole.guests.every((guest) => guest.elements.length === 0)
    ? jumpStates(backend, true)
    : headRuleStates(backend, true));
  return {
    differences: findingsOf('kernel', [
      ...differences,
      ...loopbackDifferences(records),
      ...hairpinDifferences(records),
      ...headRuleFaults(headRules),
    ]),
    unreadable: [...unreadable, ...headRules.flatMap(({ problem }) => problem ?? [])],
  };
}

/** The differences alone: a rebuild does not repair a listing that cannot be read now. */
export async function kernelDifferences(): Promise<readonly Finding[]> {
  return (await compareKernel()).differences;
}

/** The listing that this kernel and these programs give of the same rules, made in a network namespace of their own. */
async function reference(inspection: Inspection, whole: Whole, family: Family): Promise<string> {
  const { script, input } = inspection.reference(whole, family);
  return runPatiently({ program: 'unshare', args: ['-n', 'sh', '-c', script], input }, 'checking our chains');
}

function loopbackDifferences(records: readonly GuestRecord[]): Fault[] {
  const bridges = records.flatMap(({ elements, loopbackBridges = [] }) =>
    elements.some(isAtLoopback) ? loopbackBridges : [],
  );
  return [...new Set(bridges)]
    .filter(keepsLoopback)
    .map((bridge) => ruleFault(`route_localnet of ${bridge} is off`));
}

function hairpinDifferences(records: readonly GuestRecord[]): Fault[] {
  return portsWithoutHairpin(records).map((port) => ruleFault(`hairpin mode of bridge port ${port} is off`));
}
