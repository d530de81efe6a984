import { asListed, entriesOf } from '../backends/nftables/entries.ts';
import { type Listing, listTable, parseListing } from '../backends/nftables/listing.ts';
import { renderSkeleton } from '../backends/nftables/skeleton.ts';
import { elementKey } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { formatProblem, quoted } from '../model/problem.ts';
import { readHostState, readRecords, recordName } from '../system/records.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { anchorStates } from './anchors.ts';
import { locate } from './configuration.ts';
import { allLiveDomains, desireAll } from './live-domains.ts';
import { readHost } from './reading.ts';

export interface Checked {
  /** What is wrong in the configuration: file, line, problem. */
  readonly problems: readonly string[];
  /** What is not as the configuration wants it, in records or kernel. */
  readonly differences: readonly string[];
}

/** Compares configuration, records and kernel. Changes nothing. */
export async function check(): Promise<Checked> {
  const reading = await readHost();
  const { configuration } = reading;
  const located = await locate(configuration.problems, configuration.files);
  const { desired, unreadable } = await desireAll(allLiveDomains(), reading);
  const records = new Map(readRecords().map((record) => [recordName(record.guest), record]));
  const differences: string[] = [...unreadable];
  const seen = new Set<string>();
  for (const one of desired) {
    const who = `${one.guest.driver} guest ${quoted(one.guest.name)}`;
    const name = recordName(one.guest);
    seen.add(name);
    const record = records.get(name);
    differences.push(...one.problems.map((problem) => `${who}: ${problem}`));
    differences.push(
      ...(record?.problems ?? [])
        .filter((text) => !one.problems.includes(text))
        .map((text) => `${who}: ${text}`),
    );
    if (!one.certain) continue;
    const recorded = new Set(record?.elements.map(elementKey));
    const wanted = new Set(one.elements.map(elementKey));
    const missing = [...wanted].filter((key) => !recorded.has(key)).length;
    const surplus = [...recorded].filter((key) => !wanted.has(key)).length;
    const told = (record?.problems.length ?? 0) > 0;
    if (missing > 0 && !told) {
      differences.push(`${who}: ${missing} of ${wanted.size} wishes are not in place: guestgate replay`);
    }
    if (surplus > 0)
      differences.push(`${who}: ${surplus} that nobody wants any more are in place: guestgate replay`);
  }
  for (const [name, { guest }] of records) {
    if (!seen.has(name))
      differences.push(
        `${guest.driver} guest ${quoted(guest.name)}: has a record and does not run: guestgate replay`,
      );
  }
  return {
    problems: located.map(formatProblem),
    differences: [...differences, ...(await kernelDifferences())],
  };
}

/** Compares the kernel with the records, entry by entry, and the chains with what they should be. */
async function kernelDifferences(): Promise<string[]> {
  const records = readRecords();
  const state = readHostState();
  const text = tryRun(listTable);
  if (text === undefined) {
    return records.length === 0 ? [] : ['kernel: there is no table ip guestgate: guestgate replay'];
  }
  const listing = parseListing(text);
  const elements = [...Object.values(state.networks).flat(), ...records.flatMap((record) => record.elements)];
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
  return [
    ...differences,
    ...(await skeletonDifferences(listing, state.mark ?? defaultHostPolicy.mark)),
    ...anchorDifferences(),
  ];
}

/** The chains as this kernel and this nft would show them: made in a namespace of their own, and listed there. */
async function skeletonDifferences(listing: Listing, mark: number): Promise<string[]> {
  const script = 'nft -f - && exec nft -j list table ip guestgate';
  const text = await runPatiently(
    { program: 'unshare', args: ['-n', 'sh', '-c', script], input: renderSkeleton(mark) },
    'checking our chains',
  );
  const expected = new Set(parseListing(text).skeleton);
  const missing = [...expected].filter((part) => !listing.skeleton.includes(part)).length;
  const surplus = listing.skeleton.filter((part) => !expected.has(part)).length;
  if (missing === 0 && surplus === 0) return [];
  return [
    `kernel: the chains of table ip guestgate were changed (${missing} rules missing, ${surplus} strange): guestgate replay`,
  ];
}

function anchorDifferences(): string[] {
  return anchorStates()
    .filter(({ needed, first }) => needed && !first)
    .map(({ name }) => `kernel: our accept does not stand first in ${name}: guestgate replay`);
}
