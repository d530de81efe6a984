import type { Whole } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import type { Family } from '../model/address.ts';
import { familyOfElement } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError } from '../model/problem.ts';
import { backendInUse, inspectionInUse } from '../reconcile/backend-choice.ts';
import { portsWithoutHairpin } from '../reconcile/hairpin.ts';
import { headRuleStates } from '../reconcile/head-rules.ts';
import { elementsOfNetworks, partOf } from '../reconcile/kernel.ts';
import { isAtLoopback } from '../reconcile/loopback.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { hostFamilies, keepsLoopback } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { notCompared } from './comparison.ts';

/** What is found where the kernel is compared with the records. */
export interface Comparison {
  readonly differences: readonly string[];
  /** What could not be compared, and why. */
  readonly unreadable: readonly string[];
}

/** Compares the kernel with the records, entry by entry, and the chains with what they should be. */
export async function compareKernel(): Promise<Comparison> {
  const records = readRecords();
  const state = readHostState();
  const { mark = defaultHostPolicy.mark } = state;
  const inspection = await inspectionInUse(state);
  const whole = { guests: records.map(partOf), networks: elementsOfNetworks(state.networks), mark };
  const elements = [...whole.networks, ...whole.guests.flatMap((guest) => guest.elements)];
  const differences: string[] = [];
  const unreadable: string[] = [];
  let held = 0;
  for (const family of hostFamilies()) {
    const own = elements.filter((element) => familyOfElement(element) === family);
    const nat = own.some(({ kind }) => kind === 'network-nat');
    const needed = nat || (family === 'ip' ? records.length > 0 : own.length > 0);
    try {
      const text = tryListing(inspection.list(family));
      if (text === undefined || !inspection.holds(text, family)) {
        if (needed) differences.push(`there is no ${inspection.title(family)}`);
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
  const told = differences.map((difference) => `kernel: ${difference}: guestgate replay`);
  if (held + unreadable.length === 0 || records.length === 0) return { differences: told, unreadable };
  // Where no guest is open there is nothing for the anchors to accept.
  const headRules = headRuleStates(await backendInUse(state));
  return {
    differences: [
      ...told,
      ...loopbackDifferences(records),
      ...hairpinDifferences(records),
      ...headRuleDifferences(headRules),
    ],
    unreadable: [
      ...unreadable,
      ...headRules.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    ],
  };
}

/** The differences alone: what cannot be read for a moment is no damage that a rebuild would repair. */
export async function kernelDifferences(): Promise<readonly string[]> {
  return (await compareKernel()).differences;
}

/** The same as this kernel and these programs would show it: made in a namespace of its own, and listed there. */
async function reference(inspection: Inspection, whole: Whole, family: Family): Promise<string> {
  const { script, input } = inspection.reference(whole, family);
  return runPatiently({ program: 'unshare', args: ['-n', 'sh', '-c', script], input }, 'checking our chains');
}

function loopbackDifferences(records: readonly GuestRecord[]): string[] {
  const bridges = records.flatMap(({ elements, loopbackBridges = [] }) =>
    elements.some(isAtLoopback) ? loopbackBridges : [],
  );
  return [...new Set(bridges)]
    .filter(keepsLoopback)
    .map((bridge) => `kernel: route_localnet of ${bridge} is off: guestgate replay`);
}

function hairpinDifferences(records: readonly GuestRecord[]): string[] {
  return portsWithoutHairpin(records).map(
    (port) => `kernel: hairpin mode of bridge port ${port} is off: guestgate replay`,
  );
}

function headRuleDifferences(headRules: ReturnType<typeof headRuleStates>): string[] {
  return headRules
    .filter(({ needed, first }) => needed && !first)
    .map(({ name }) => `kernel: our accept does not stand first in ${name}: guestgate replay`);
}
