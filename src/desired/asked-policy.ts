import type { Domain } from '../libvirt/domain.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { denies } from '../model/access.ts';
import { aboutGuest, type Fault, type Finding, findingsOf } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import type { XmlNode } from '../model/xml.ts';
import { withHostSource } from '../planner/host-source.ts';
import { type NotedUplinks, notingUplinks } from '../planner/noting-uplinks.ts';
import { confines } from '../planner/plan-access.ts';
import { type EffectivePolicy, effectivePolicy } from '../policy/guest-policy.ts';
import { absentNetworks } from './absent-guests.ts';
import type { DesiredState } from './desired-state.ts';
import { keysInFiles } from './guest-identity.ts';
import { guestPorts, type PortPlan, portPolicy } from './guest-ports.ts';
import type { Reading } from './host-reading.ts';
import type { MetadataLimits } from './read-metadata.ts';
import { withSeenBridges } from './seen-bridges.ts';

/** What is asked for a guest, before anything is known of its addresses. */
export interface AskedPolicy {
  readonly guest: Guest;
  readonly policy: GuestPolicy;
  readonly host: HostPolicy;
  readonly run: GuestRun;
  readonly effective: EffectivePolicy;
  /** Undefined: it has no metadata that counts. */
  readonly limits: MetadataLimits | undefined;
  readonly uplinks: NotedUplinks;
  readonly ports: PortPlan;
  /** The same whatever its addresses are. */
  readonly base: Omit<DesiredState, 'problems' | 'certain'>;
  /** Faults as findings about the guest, and after them what its metadata asks for and does not get. */
  findings(...faults: (readonly Fault[])[]): Finding[];
}

/** Reads what files and metadata ask for a guest. */
export async function askedPolicy(
  { guest: described, metadata }: Domain,
  reading: Reading,
  runOfGuest: (guest: Guest) => GuestRun,
): Promise<AskedPolicy> {
  const { configuration } = reading;
  const guest = withSeenBridges(described);
  const run = runOfGuest(guest);
  const uplinks = notingUplinks(reading.hostView());
  const limits = await limitsOf(guest, metadata, reading, uplinks, run);
  const effective = effectivePolicy(guest, limits?.found, configuration, {
    bounds: limits?.bounds,
    keys: keysInFiles(guest),
  });
  const named = guest.arrivingAs === undefined ? effective.policy : ofPorts(effective.policy);
  const policy = withHostSource(guest, named, uplinks.view);
  const ports = guestPorts(guest, policy, configuration.host);
  const refused = findingsOf(aboutGuest(guest, 'metadata in the domain XML'), effective.refused);
  return {
    ...{ guest, policy, host: configuration.host, run, effective, limits, uplinks, ports },
    base: {
      guest,
      managed: effective.managed || ports.elements.length > 0 || guest.nat === true,
      deny: denies(policy),
      ...(effective.weak && { weak: true as const }),
      elements: ports.elements,
      ...(confines(policy) && { confinement: portPolicy(policy) }),
      networks: absentNetworks(reading),
      unknown: [],
    },
    findings: (...faults) => [...findingsOf(aboutGuest(guest), faults.flat()), ...refused],
  };
}

/** A guest that arrives beside the running one of its name takes nothing of it yet. */
function ofPorts({ onError, ...policy }: GuestPolicy): GuestPolicy {
  const { addresses: _, ...ports } = portPolicy({ ...policy, open: [] });
  return { ...ports, ...(onError !== undefined && { onError }) };
}

/** Few guests have a policy in their XML: what reads it is loaded for those alone. */
async function limitsOf(
  guest: Guest,
  metadata: XmlNode | undefined,
  reading: Reading,
  { view }: NotedUplinks,
  run: GuestRun,
): Promise<MetadataLimits | undefined> {
  if (metadata === undefined || !reading.configuration.host.metadata) return undefined;
  const { readMetadata } = await import('./read-metadata.ts');
  return readMetadata(guest, metadata, reading, view, run);
}
