import { loadConfiguration } from '../desired/configuration.ts';
import type { Reading } from '../desired/host-reading.ts';
import { supportedElements } from '../desired/supported-elements.ts';
import { networkFiles } from '../libvirt/files.ts';
import { quoted } from '../model/problem.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { describeClaim, withoutConflicts } from '../planner/conflicts.ts';
import { plan } from '../planner/plan.ts';

/** What may be meant as it is, and is worth knowing: nothing is wrong yet. */
export async function findRemarks(reading: Reading, running: (guest: string) => boolean): Promise<string[]> {
  return [
    ...unknownNetworks(reading),
    ...(await futureConflicts(reading, running)),
    ...(await futureLacks(reading, running)),
  ];
}

/** It may be defined later. */
function unknownNetworks({ configuration }: Reading): string[] {
  return [...configuration.networks.keys()]
    .filter((name) => !networkFiles(name).some(({ text }) => text !== undefined))
    .map((name) => `network ${quoted(name)}: has a policy, and libvirt knows no network of that name`);
}

/** What the back end cannot do for guests of the files: it is told when they start, too. */
async function futureLacks(reading: Reading, running: (guest: string) => boolean): Promise<string[]> {
  const remarks: string[] = [];
  for (const [name, { policy, problems }] of (await loadConfiguration()).guests) {
    if (problems.length > 0 || running(name)) continue;
    const { elements } = plan(policy, somewhere, reading.hostView(), () => somewhere);
    remarks.push(
      ...supportedElements(elements, reading.lacks).problems.map(
        (problem) => `guest ${quoted(name)}: ${problem}`,
      ),
    );
  }
  return remarks;
}

/** Whichever address a guest will have, what it takes of the host is the same. */
const somewhere = ['192.0.2.1', '2001:db8::1'];

/** Guests of the files that want the same of the host: the one that starts first will have it. */
async function futureConflicts(reading: Reading, running: (guest: string) => boolean): Promise<string[]> {
  const index = new ClaimIndex();
  const view = reading.hostView();
  const remarks = new Set<string>();
  for (const [name, { policy, problems }] of (await loadConfiguration()).guests) {
    if (problems.length > 0) continue;
    const { elements } = plan(policy, somewhere, view, () => somewhere);
    for (const { claim, holder } of withoutConflicts(elements, index.near(elements)).refused) {
      const what = `guests ${quoted(holder)} and ${quoted(name)} both want ${describeClaim(claim)}`;
      const told = remarks.has(what.replace(/ \(IPv6\)$/, ''));
      if (!told && !(running(holder) && running(name))) remarks.add(what);
    }
    index.add(name, elements);
  }
  return [...remarks].map((what) => `${what}: the one that starts first will have it`);
}
