import type { Domain } from '../libvirt/domain.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { denies } from '../model/access.ts';
import { familyOf } from '../model/address.ts';
import { familiesIn, familiesOf, type InsideElement } from '../model/element.ts';
import { aboutGuest, type Fault, type Finding, findingsOf } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { isSameInterfaceChoice } from '../model/interface-choice.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import type { XmlNode } from '../model/xml.ts';
import { needsAddress } from '../planner/families.ts';
import { withHostSource } from '../planner/host-source.ts';
import type { HostView } from '../planner/host-view.ts';
import { answersOf, notingUplinks } from '../planner/noting-uplinks.ts';
import { plan } from '../planner/plan.ts';
import { checksSources } from '../planner/plan-access.ts';
import { planInside, planRoaming } from '../planner/plan-inside.ts';
import { claimingSources } from '../planner/plan-source-nat.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { absentNetworks } from './absent-guests.ts';
import { locate } from './configuration.ts';
import type { DesiredState } from './desired-state.ts';
import { locateGuest } from './guest-addresses.ts';
import { keysInFiles } from './guest-identity.ts';
import { guestPorts, portPolicy, refuses } from './guest-ports.ts';
import { runOf } from './guest-run.ts';
import type { Reading } from './host-reading.ts';
import { outside, outsideElements } from './network-elements.ts';
import { elementsOf, networksOf } from './networks-of-guest.ts';
import { type NicAddresses, nicAddresses } from './nic-addresses.ts';
import type { MetadataLimits } from './read-metadata.ts';
import { withSeenBridges } from './seen-bridges.ts';
import { supportedElements } from './supported-elements.ts';

/**
 * Guest and policy as elements. Reads files, changes nothing.
 *
 * @param known whether a network has its elements in the kernel already
 * @param runOfGuest what tells its leases from those of earlier runs; for a guest that does not run: `nextRun`
 */
export async function computeDesiredState(
  { guest: described, metadata }: Domain,
  reading: Reading,
  known: (network: string) => boolean,
  runOfGuest: (guest: Guest) => GuestRun = runOf,
): Promise<DesiredState> {
  const { configuration } = reading;
  const guest = withSeenBridges(described);
  const noted = notingUplinks(reading.hostView());
  const limits = await limitsOf(guest, metadata, reading, noted.view, runOfGuest);
  const effective = effectivePolicy(guest, limits?.found, configuration, {
    bounds: limits?.bounds,
    keys: keysInFiles(guest),
  });
  const { problems: wrong } = effective;
  const named = guest.arrivingAs === undefined ? effective.policy : ofPorts(effective.policy);
  const policy = withHostSource(guest, named, noted.view);
  const ports = guestPorts(guest, policy, configuration.host);
  const base = {
    guest,
    managed: effective.managed || ports.elements.length > 0 || guest.nat === true,
    deny: denies(policy),
    ...(effective.weak && { weak: true as const }),
    elements: ports.elements,
    ...(checksSources(policy) && { confinement: portPolicy(policy) }),
    networks: absentNetworks(reading),
    unknown: [],
  };
  const refused = findingsOf(aboutGuest(guest, 'metadata in the domain XML'), effective.refused);
  const ofGuest = (...faults: (readonly Fault[])[]): Finding[] => [
    ...findingsOf(aboutGuest(guest), faults.flat()),
    ...refused,
  ];
  if (wrong.length > 0) {
    const checked = checksSources(policy) ? await checkedPorts() : base;
    const mistakes = await locate(wrong, configuration.files);
    const inPolicy = mistakes.map((mistake) => ({ ...mistake, subject: aboutGuest(guest, mistake.subject) }));
    return { ...base, ...checked, problems: [...ofGuest(ports.problems), ...inPolicy], certain: false };
  }
  if (!needsAddress(policy)) {
    const elements = [...ports.elements, ...insideOnly(guest, base.managed, configuration.host)];
    return { ...base, ...answersOf(noted), elements, problems: ofGuest(ports.problems), certain: true };
  }
  const surroundings = limits?.confirmed(effective) ?? (await reading.surroundingsOf(guest));
  const located = locateGuest(guest, policy, surroundings, runOfGuest(guest));
  const { problems: missing, unknown } = located;
  const atNics = checksSources(policy) ? nicAddresses(guest, located, surroundings, runOfGuest(guest)) : none;
  const byLease = located.byLease || atNics.byLease;
  const { elements: atPorts } = guestPorts(guest, policy, configuration.host, { ...located, nics: atNics });
  const [first, second] = located.found;
  const interfaceAddresses = located.interfaces.flatMap(({ choice, found: addresses }) =>
    addresses.length === 0 ? [] : [{ choice, addresses }],
  );
  const unknownOn = located.interfaces.flatMap(({ choice, unknown: families }) =>
    families.length === 0 ? [] : [{ choice, families }],
  );
  if (first === undefined && interfaceAddresses.length + located.named.length === 0)
    return {
      ...base,
      deny: refuses(policy, [...ports.problems, ...missing]),
      elements: atPorts,
      unknownAtPorts: atNics.unknown,
      problems: ofGuest(ports.problems, missing),
      certain: unknown.length === 0 && unknownOn.length === 0,
      unknown,
      ...(unknownOn.length > 0 && { unknownOn }),
      ...(byLease && { byLease }),
    };
  const { view } = noted;
  const planned = plan(
    policy,
    located.found.map(({ address }) => address),
    view,
    {
      on: (choice) =>
        interfaceAddresses
          .filter((one) => isSameInterfaceChoice(one.choice, choice))
          .flatMap(({ addresses }) => addresses.map(({ address }) => address)),
      others: located.others,
      has: (address) => located.named.includes(address),
    },
  );
  const remarks = findingsOf(aboutGuest(guest), [...located.remarks, ...planned.remarks]);
  const given = [...(policy.addresses ?? []), ...located.named];
  const asked = effective.weak ? claimingSources(planned.elements) : planned.elements;
  const { elements, problems: lacking } = supportedElements(asked, reading.lacks);
  const used = [...new Set([...reading.recordedFamilies(), ...familiesOf(elements)])];
  const faults = [ports.problems, missing, planned.problems, lacking];
  return {
    ...base,
    deny: refuses(policy, faults.flat()),
    unknownAtPorts: atNics.unknown,
    ...(first !== undefined && { address: first.address, addressSource: first.source }),
    ...(first?.mac !== undefined && { addressMac: first.mac }),
    ...(second !== undefined && { otherAddress: second }),
    ...(interfaceAddresses.length > 0 && { interfaceAddresses }),
    ...(given.length > 0 && { givenAddresses: given }),
    ...(byLease && { byLease }),
    ...answersOf(noted),
    elements: [
      ...atPorts,
      ...elements,
      ...planInside(guest.nics, familiesIn(elements)),
      ...planRoaming(guest.nics, elements),
    ],
    networks: {
      ...base.networks,
      ...elementsOf(await reading.liveNetworks(known), reading, used),
      ...networksOf(surroundings, reading, used),
      [outside]: outsideElements(configuration.host, used),
    },
    problems: ofGuest(...faults),
    ...(remarks.length > 0 && { remarks }),
    certain: true,
    unknown,
    ...(unknownOn.length > 0 && { unknownOn }),
  };

  /** A mistake in another part of the policy does not open what its ports may send and reach. */
  async function checkedPorts(): Promise<Pick<DesiredState, 'elements' | 'unknown' | 'unknownAtPorts'>> {
    const { open: _, ...part } = portPolicy(policy);
    const around = await reading.surroundingsOf(guest);
    const found = locateGuest(guest, part, around, runOfGuest(guest));
    const nics = nicAddresses(guest, found, around, runOfGuest(guest));
    const { elements } = guestPorts(guest, portPolicy(policy), configuration.host, { ...found, nics });
    return { elements, unknown: found.unknown, unknownAtPorts: nics.unknown };
  }
}

const none: NicAddresses = { addresses: [], unknown: [], byLease: false };

/** A guest that arrives beside the running one of its name takes nothing of it yet. */
function ofPorts({ onError, ...policy }: GuestPolicy): GuestPolicy {
  const { addresses: _, ...ports } = portPolicy({ ...policy, open: [] });
  return { ...ports, ...(onError !== undefined && { onError }) };
}

/** Where `[host]` says from where forwards are reached, a routed guest without any of its own is inside, too. */
function insideOnly({ nics }: Guest, managed: boolean, host: HostPolicy): InsideElement[] {
  if (!managed || outsideElements(host, ['ip']).length === 0) return [];
  return nics.flatMap((nic) => planInside([nic], [...new Set(nic.addresses.map(familyOf))]));
}

/** Few guests have a policy in their XML: what reads it is loaded for those alone. */
async function limitsOf(
  guest: Guest,
  metadata: XmlNode | undefined,
  reading: Reading,
  view: HostView,
  runOfGuest: (guest: Guest) => GuestRun,
): Promise<MetadataLimits | undefined> {
  if (metadata === undefined || !reading.configuration.host.metadata) return undefined;
  const { readMetadata } = await import('./read-metadata.ts');
  return readMetadata(guest, metadata, reading, view, runOfGuest(guest));
}
