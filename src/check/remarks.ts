import { join } from 'node:path';
import { loadConfiguration, type WholeConfiguration } from '../desired/configuration.ts';
import type { Reading } from '../desired/host-reading.ts';
import { supportedElements } from '../desired/supported-elements.ts';
import { networkFiles } from '../libvirt/files.ts';
import { type Element, sharedPorts } from '../model/element.ts';
import { type Finding, findingsOf } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import { quoted } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { describeClaim } from '../planner/conflicts.ts';
import { type FutureConflict, findFutureConflicts } from '../planner/future-conflicts.ts';
import { plan } from '../planner/plan.ts';
import {
  concernsSharedPorts,
  findShadowedForwards,
  type ShadowedForward,
  type Sharing,
} from '../planner/shadowed-forwards.ts';
import { guestsFolder, unreadNames } from '../system/configuration-files.ts';
import { isInterface } from '../system/host.ts';
import { misspeltGuests } from './misspelt-guests.ts';
import { temporaryRules } from './temporary-rules.ts';

/** A guest that a file has a policy for, and the elements that it would get. */
interface PlannedPolicy {
  /** Name or UUID, as the file has it. */
  readonly name: string;
  readonly elements: readonly Element[];
}

/** Findings that are no mistakes, and that the administrator may want to know. */
export async function findRemarks(
  reading: Reading,
  isRunning: (guest: string) => boolean,
): Promise<Finding[]> {
  const names: string[] = [];
  const lacking: Finding[] = [];
  const sharing: PlannedPolicy[] = [];
  const conflicts = findFutureConflicts(
    planPolicies(await policiesOf(reading), reading, (planned) => {
      names.push(planned.name);
      sharing.push({ name: planned.name, elements: planned.elements.filter(concernsSharedPorts) });
      // A running guest has the same as a problem.
      if (!isRunning(planned.name)) lacking.push(...unsupported(planned, reading));
    }),
  );
  return [
    ...temporaryRules(),
    ...unreadFiles(),
    ...misspeltGuests(names),
    ...unknownNetworks(reading),
    ...conflicts.filter(({ first, second }) => !(isRunning(first) && isRunning(second))).map(futureConflict),
    ...findShadowedForwards(sharing, sharedByNetworks(reading)).map(shadowedForward),
    ...lacking,
  ];
}

/** A reading for all guests has the policies of all of them. */
async function policiesOf({ configuration: { guests } }: Reading): Promise<WholeConfiguration['guests']> {
  return guests instanceof Map ? guests : (await loadConfiguration()).guests;
}

/** The same claims result whichever addresses the guests will have. */
const anyGuestAddresses = ['192.0.2.1', '2001:db8::1'];

/** One after the other: the elements of thousands of guests need not be there together. @param note is called with each */
function* planPolicies(
  guests: WholeConfiguration['guests'],
  reading: Reading,
  note: (planned: PlannedPolicy) => void,
): Generator<PlannedPolicy> {
  for (const [name, { policy, problems }] of guests) {
    if (problems.length > 0) continue;
    const { elements } = plan(policy, anyGuestAddresses, reading.hostView(), {
      on: () => anyGuestAddresses,
      others: [],
      has: () => true,
    });
    note({ name, elements });
    yield { name, elements };
  }
}

/** guestgate reads files whose names end in .toml. */
export function unreadFiles(): (Finding & { readonly fix: string })[] {
  return unreadNames(paths.configuration).map((name) => {
    const path = join(guestsFolder(paths.configuration), name);
    return {
      subject: path,
      problem: 'is not read: its name does not end in .toml',
      severity: 'later',
      fix: `mv ${shellWord(path)} ${shellWord(`${path.replace(/\.(conf|cfg|txt|ini|yaml|yml|json)$/, '')}.toml`)}`,
    };
  });
}

/** libvirt may get the network, and the host the interface, later. */
function unknownNetworks({ configuration }: Reading): Finding[] {
  return [...configuration.networks.keys()]
    .filter((name) => !isInterface(name) && !networkFiles(name).some(({ text }) => text !== undefined))
    .map((network) => ({
      subject: { network },
      problem: 'has a policy, and libvirt knows no network of that name',
      severity: 'later',
    }));
}

function futureConflict({ first, second, claim }: FutureConflict): Finding {
  return {
    subject: `guests ${quoted(first)} and ${quoted(second)}`,
    problem: `both want ${describeClaim(claim)}: the guest that starts first gets it`,
    severity: 'later',
  };
}

function sharedByNetworks({ configuration }: Reading): Sharing[] {
  return [...configuration.networks].flatMap(([name, { policy }]) =>
    (policy.snat ?? []).map((address) => ({ network: name, address })),
  );
}

function shadowedForward({ guest, claim, by }: ShadowedForward): Finding {
  const { first, last } = sharedPorts;
  const who = 'guest' in by ? `guest ${quoted(by.guest)}` : `the guests of network ${quoted(by.network)}`;
  return {
    subject: `guest ${quoted(guest)}`,
    problem: `${describeClaim(claim)} is within the ports ${first}-${last}, by which connections of ${who} leave with ${by.address}: such a connection can keep its peer from the forward`,
    severity: 'later',
    advice: `forward a port below ${first} or above ${last}, or let them leave with another address`,
  };
}

function unsupported({ name, elements }: PlannedPolicy, reading: Reading): Finding[] {
  const { problems } = supportedElements(elements, reading.lacks);
  return findingsOf(`guest ${quoted(name)}`, problems);
}
