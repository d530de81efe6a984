import { asListed, entriesOf } from '../backends/nftables/entries.ts';
import { renderLimits } from '../backends/nftables/limits.ts';
import { type Listing, listTable, parseListing } from '../backends/nftables/listing.ts';
import { renderSkeleton } from '../backends/nftables/skeleton.ts';
import type { Family } from '../model/address.ts';
import { type Element, familyOfElement } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import type { VifTable } from '../model/vif.ts';
import { isVif } from '../model/vif.ts';
import { hostFamilies, keepsLoopback } from '../system/host.ts';
import { type Record, readHostState, readRecords } from '../system/records.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { anchorStates } from './anchors.ts';
import { isAtLoopback } from './loopback.ts';

/** Compares the kernel with the records, entry by entry, and the chains with what they should be. */
export async function kernelDifferences(): Promise<string[]> {
  const records = readRecords();
  const { networks, mark = defaultHostPolicy.mark } = readHostState();
  const elements = [...Object.values(networks).flat(), ...records.flatMap((record) => record.elements)];
  const differences: string[] = [];
  let tables = 0;
  for (const family of hostFamilies()) {
    const own = elements.filter((element) => familyOfElement(element) === family && !isVif(element));
    const nat = own.some(({ kind }) => kind === 'network-nat');
    const needed = nat || (family === 'ip' ? records.length > 0 : own.length > 0);
    const text = tryRun(listTable(family));
    if (text === undefined) {
      if (needed) differences.push(`kernel: there is no table ${family} guestgate: guestgate replay`);
      continue;
    }
    tables++;
    const listing = parseListing(text);
    differences.push(
      ...entryDifferences(own, listing),
      ...(await skeletonDifferences(
        listing,
        renderSkeleton(mark, family) + renderLimits('add', own),
        family,
      )),
    );
  }
  if (tables === 0 || records.length === 0) return differences;
  // Where no guest is open there is nothing for the anchors to accept.
  return [...differences, ...loopbackDifferences(records), ...anchorDifferences()];
}

export function entryDifferences(elements: readonly Element[], listing: Listing): string[] {
  const expected = new Map(
    elements
      .flatMap(entriesOf)
      .map(asListed)
      .map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]),
  );
  const actual = new Map(listing.entries.map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]));
  const differences: string[] = [];
  for (const [key, value] of expected) {
    if (!actual.has(key)) differences.push(`kernel: ${key} is missing: guestgate replay`);
    else if (actual.get(key) !== value)
      differences.push(`kernel: ${key} leads to ${actual.get(key)}, not to ${value}: guestgate replay`);
  }
  for (const key of actual.keys())
    if (!expected.has(key)) differences.push(`kernel: ${key} is nobody's: guestgate replay`);
  return differences;
}

/** The chains as this kernel and this nft would show them: made in a namespace of their own, and listed there. */
export async function skeletonDifferences(
  listing: Listing,
  chains: string,
  family: Family | VifTable,
): Promise<string[]> {
  const script = 'nft -f - && exec nft -j list table "$0" guestgate';
  const text = await runPatiently(
    { program: 'unshare', args: ['-n', 'sh', '-c', script, family], input: chains },
    'checking our chains',
  );
  const expected = new Set(parseListing(text).skeleton);
  const missing = [...expected].filter((part) => !listing.skeleton.includes(part)).length;
  const surplus = listing.skeleton.filter((part) => !expected.has(part)).length;
  if (missing === 0 && surplus === 0) return [];
  return [
    `kernel: the chains of table ${family} guestgate were changed (${missing} rules missing, ${surplus} strange): guestgate replay`,
  ];
}

function loopbackDifferences(records: readonly Record[]): string[] {
  const bridges = records.flatMap(({ elements, loopbackBridges = [] }) =>
    elements.some(isAtLoopback) ? loopbackBridges : [],
  );
  return [...new Set(bridges)]
    .filter(keepsLoopback)
    .map((bridge) => `kernel: route_localnet of ${bridge} is off: guestgate replay`);
}

function anchorDifferences(): string[] {
  return anchorStates()
    .filter(({ needed, first }) => needed && !first)
    .map(({ name }) => `kernel: our accept does not stand first in ${name}: guestgate replay`);
}
