import { desiredElements } from '../desired/compute-desired-state.ts';
import { locate } from '../desired/configuration.ts';
import type { Reading } from '../desired/host-reading.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import { allLiveDomains } from '../desired/running-guests.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import type { BackendName } from '../model/backend-name.ts';
import { elementsWithout } from '../model/difference.ts';
import { elementKey } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { formatProblem, quoted } from '../model/problem.ts';
import { otherBackend } from '../reconcile/backend-choice.ts';
import { computeDesiredStates } from '../reconcile/plan-all.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { readRecords } from '../state/records.ts';
import { antispoofDifferences, antispoofRemarks } from './antispoof-differences.ts';
import { compareKernel } from './kernel-differences.ts';
import { findRemarks } from './remarks.ts';
import { stateDifferences } from './state-differences.ts';

export interface Checked {
  /** What is wrong in the configuration: file, line, problem. */
  readonly problems: readonly string[];
  /** What is not as the configuration wants it, in records or kernel. */
  readonly differences: readonly string[];
  /** What may be meant as it is. */
  readonly remarks: readonly string[];
}

/** Compares configuration, records and kernel. Changes nothing. */
export async function check(): Promise<Checked> {
  const reading = await readForPlan();
  const { configuration } = reading;
  const located = await locate(configuration.problems, configuration.files);
  const { desired, unreadable } = await computeDesiredStates(allLiveDomains(), reading);
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
    const wanted = new Set(desiredElements(one, record).map(elementKey));
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
  const live = await reading.liveNetworks(() => false);
  differences.push(...networkDifferences(live, readHostState().networks, reading));
  const running = new Set(
    desired.flatMap(({ guest }) => [guest.name, guest.uuid, guest.uuid?.toUpperCase()]),
  );
  const kernel = await compareKernel();
  return {
    remarks: [...(await findRemarks(reading, (name) => running.has(name))), ...antispoofRemarks()],
    problems: located.map(formatProblem),
    differences: [
      ...differences,
      ...inAnother(reading.backend),
      ...stateDifferences(),
      ...kernel.unreadable,
      ...kernel.differences,
      ...(await antispoofDifferences()),
    ],
  };
}

/** Whether the rules are made with another back end than the one that the configuration wants. */
function inAnother(wanted: BackendName | undefined): string[] {
  const other = otherBackend(readHostState(), wanted);
  if (other === undefined) return [];
  const { from, to } = other;
  return [`kernel: the rules are made with ${from}, and the configuration wants ${to}: guestgate apply`];
}

/** What networks have against what the configuration wants of them. */
function networkDifferences(
  live: ReadonlyMap<string, LibvirtNetwork>,
  recorded: HostState['networks'],
  reading: Reading,
): string[] {
  const running = [...live].flatMap(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const had = natOf(recorded[name]);
    const differs = elementsWithout(wanted, had).length + elementsWithout(had, wanted).length > 0;
    return [
      ...problems,
      ...(differs
        ? [`network ${quoted(name)}: its snat is not as the configuration says: guestgate apply`]
        : []),
    ];
  });
  const stopped = Object.keys(recorded).filter((name) => !live.has(name) && natOf(recorded[name]).length > 0);
  return [
    ...running,
    ...stopped.map((name) => `network ${quoted(name)}: has a snat and does not run: guestgate replay`),
  ];
}
