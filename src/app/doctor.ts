import { messageOf } from '../model/problem.ts';
import { readHostState } from '../system/host-state.ts';
import { readRecords } from '../system/records.ts';
import { bridgeFilter } from './doctor/bridge-nf.ts';
import { confinement } from './doctor/confinement.ts';
import { conntrack } from './doctor/conntrack.ts';
import { type Examination, type Finding, harms, type Patient } from './doctor/finding.ts';
import { firewalld } from './doctor/firewalld.ts';
import { foreignRules } from './doctor/foreign-rules.ts';
import { forwardPolicy } from './doctor/forward-policy.ts';
import { guestFirewalls } from './doctor/guest-firewall.ts';
import { guestsDown } from './doctor/guests-down.ts';
import { hooks } from './doctor/hooks.ts';
import { hostAddresses } from './doctor/host-addresses.ts';
import { forwarding } from './doctor/ip-forward.ts';
import { leases } from './doctor/leases.ts';
import { libvirtBackend } from './doctor/libvirt-backend.ts';
import { libvirtDaemon } from './doctor/libvirtd.ts';
import { daemonLimits } from './doctor/limits.ts';
import { hostListeners } from './doctor/listeners.ts';
import { nativeFilters } from './doctor/native-filters.ts';
import { ours } from './doctor/ours.ts';
import { reversePath } from './doctor/rp-filter.ts';
import { xenScripts } from './doctor/xen.ts';
import { readHost } from './reading.ts';

/** In the order in which their findings are told, where they do equal harm: what is looked for, and how. */
const examinations: readonly (readonly [name: string, examine: Examination])[] = [
  ['ip-forward', forwarding],
  ['foreign-rules', foreignRules],
  ['native-filters', nativeFilters],
  ['firewalld', firewalld],
  ['ours', ours],
  ['hooks', hooks],
  ['xen', xenScripts],
  ['libvirtd', libvirtDaemon],
  ['confinement', confinement],
  ['limits', daemonLimits],
  ['conntrack', conntrack],
  ['guests-down', guestsDown],
  ['leases', leases],
  ['host-addresses', hostAddresses],
  ['guest-firewall', guestFirewalls],
  ['rp-filter', reversePath],
  ['forward-policy', forwardPolicy],
  ['bridge-nf', bridgeFilter],
  ['libvirt-backend', libvirtBackend],
  ['listeners', hostListeners],
];

/** A finding, and which examination it comes from. */
export interface Diagnosis extends Finding {
  readonly name: string;
}

/** Looks at the whole host for what keeps forwards from working; the worst first. Changes nothing. */
export async function examineHost(): Promise<Diagnosis[]> {
  const reading = await readHost();
  const { host } = reading.configuration;
  const records = readRecords();
  const patient: Patient = { records, reading, host, mark: readHostState().mark ?? host.mark };
  const found: Diagnosis[] = [];
  for (const [name, examine] of examinations)
    found.push(...(await attempt(name, examine, patient)).map((finding) => ({ name, ...finding })));
  return found.sort((a, b) => harms.indexOf(a.harm) - harms.indexOf(b.harm));
}

/** One that fails is told of, and does not keep the others from theirs. */
async function attempt(name: string, examine: Examination, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await examine(patient);
  } catch (error) {
    const what = `this could not be looked at: ${messageOf(error)}`;
    return [{ harm: 'later', what, mend: `guestgate --verbose doctor   # ${name}` }];
  }
}
