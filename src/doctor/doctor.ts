import { check } from '../check/check.ts';
import { beginListings } from '../check/kernel-differences.ts';
import { severities } from '../model/finding.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { readHostState } from '../state/host-state.ts';
import { readRecords } from '../state/records.ts';
import { releaseMemory } from '../system/memory.ts';
import { shareListings } from '../system/shared-listings.ts';
import { absentGuests } from './absent-guests.ts';
import { bridgeFilter } from './bridge-nf.ts';
import { byCause } from './causes.ts';
import type { Check, DoctorContext, HostFinding } from './check.ts';
import { ours } from './check-findings.ts';
import { confinement } from './confinement.ts';
import { conntrack } from './conntrack.ts';
import { firewalld } from './firewalld.ts';
import { countForwards, noteUnused } from './first-packets.ts';
import { foreignRules } from './foreign-rules.ts';
import { forwardPolicy } from './forward-policy.ts';
import { forwards } from './forwards.ts';
import { guestAnswers } from './guest-answers.ts';
import { guestNetworks } from './guest-networks.ts';
import { guestsDown } from './guests-down.ts';
import { hooks } from './hooks.ts';
import { hostAddresses } from './host-addresses.ts';
import { hostInterfaces } from './host-interfaces.ts';
import { forwarding } from './ip-forward.ts';
import { isolatedNetworks } from './isolated-networks.ts';
import { leases } from './leases.ts';
import { libvirtBackend } from './libvirt-backend.ts';
import { libvirtDaemon } from './libvirtd.ts';
import { daemonLimits } from './limits.ts';
import { hostListeners } from './listeners.ts';
import { marks } from './marks.ts';
import { sharedListeners } from './shared-listeners.ts';
import { surveyHost } from './survey.ts';
import { targetsOf } from './targets.ts';
import { temporary } from './temporary-rules.ts';
import { tryForwards } from './try-forwards.ts';
import { unreadConfiguration } from './unread-files.ts';
import { waysBack } from './ways-back.ts';
import { writablePaths } from './writable-paths.ts';
import { xenScripts } from './xen.ts';

/** The checks by name. Findings of the same severity are in this order. */
const checks: readonly (readonly [name: string, check: Check])[] = [
  ['temporary', temporary],
  ['ip-forward', forwarding],
  ['foreign-rules', foreignRules],
  ['forwards', forwards],
  ['marks', marks],
  ['firewalld', firewalld],
  ['ours', ours],
  ['unread-files', unreadConfiguration],
  ['hooks', hooks],
  ['writable-paths', writablePaths],
  ['xen', xenScripts],
  ['libvirtd', libvirtDaemon],
  ['confinement', confinement],
  ['limits', daemonLimits],
  ['conntrack', conntrack],
  ['guests-down', guestsDown],
  ['absent-guests', absentGuests],
  ['leases', leases],
  ['host-interfaces', hostInterfaces],
  ['host-addresses', hostAddresses],
  ['guest-firewall', guestAnswers],
  ['isolated-networks', isolatedNetworks],
  ['ways-back', waysBack],
  ['guest-networks', guestNetworks],
  ['forward-policy', forwardPolicy],
  ['bridge-nf', bridgeFilter],
  ['libvirt-backend', libvirtBackend],
  ['listeners', hostListeners],
  ['shared-listeners', sharedListeners],
];

/** A finding, and the check that found it. */
export interface Diagnosis extends HostFinding {
  readonly name: string;
}

/** What was found, and what may be worth a look though nothing on this host blocks forwards. */
export interface Examined {
  readonly findings: readonly Diagnosis[];
  readonly notes: readonly string[];
}

/**
 * Looks at the whole host for what blocks forwards. The most severe findings come first. Changes nothing.
 *
 * @param begin is called with the name of each check before it
 */
export async function checkHost(begin: (check: string) => void = () => {}): Promise<Examined> {
  const reading = await readForPlan();
  const { host } = reading.configuration;
  const records = readRecords();
  const listings = shareListings();
  await beginListings(listings);
  const context = contextOf({ records, reading, host, listings });
  const found: Diagnosis[] = [];
  for (const [name, one] of checks) {
    begin(name);
    found.push(...(await attempt(name, one, context)).map((finding) => ({ name, ...finding })));
  }
  const findings = byCause(found).sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  const isClear = findings.every(({ severity }) => severity === 'later');
  return { findings, notes: isClear ? await notesOf(context) : [] };
}

/** Counters that cannot be read are another check's finding. */
async function notesOf(context: DoctorContext): Promise<readonly string[]> {
  try {
    return noteUnused(await countForwards(context));
  } catch (error) {
    if (error instanceof CommandError) return [];
    throw error;
  }
}

/** A check that fails is a finding itself, and the others are done all the same. */
async function attempt(name: string, check: Check, context: DoctorContext): Promise<readonly HostFinding[]> {
  try {
    return await check(context);
  } catch (error) {
    const problem = `it could not be completed: ${messageOf(error)}`;
    const fix = `guestgate --verbose doctor   # ${name}`;
    return [{ kind: 'unread', subject: `check ${name}`, problem, severity: 'later', fix }];
  }
}

/** What several checks look at is read when the first of them asks for it. */
function contextOf(read: Pick<DoctorContext, 'records' | 'reading' | 'host' | 'listings'>): DoctorContext {
  const targets = onlyOnce(() => targetsOf(read.records));
  const survey = onlyOnce(() => surveyHost([...new Set(targets().map(({ family }) => family))], read));
  return {
    ...read,
    mark: readHostState().mark ?? read.host.mark,
    checked: onlyOnce(async () => {
      const found = await check(read);
      releaseMemory(read.records.length);
      return found;
    }),
    targets,
    survey,
    tried: onlyOnce(() => {
      survey();
      releaseMemory(read.records.length);
      return tryForwards(targets(), survey());
    }),
  };
}

function outcomeOf<T>(ask: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: ask() };
  } catch (error) {
    return { error };
  }
}

/** Asks once, and gives the same answer, or throws the same error, again. */
function onlyOnce<T>(ask: () => T): () => T {
  let answer: { readonly value: T } | { readonly error: unknown } | undefined;
  return () => {
    answer ??= outcomeOf(ask);
    if ('error' in answer) throw answer.error;
    return answer.value;
  };
}
