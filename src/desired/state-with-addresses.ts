import type { NicSurroundings } from '../libvirt/address-sources.ts';
import type { Address } from '../model/address.ts';
import { type Element, familiesIn, familiesOf } from '../model/element.ts';
import { aboutGuest, findingsOf } from '../model/finding.ts';
import { isSameInterfaceChoice } from '../model/interface-choice.ts';
import { answersOf } from '../planner/noting-uplinks.ts';
import { type Plan, plan } from '../planner/plan.ts';
import { checksSources } from '../planner/plan-access.ts';
import { planInside, planRoaming } from '../planner/plan-inside.ts';
import { claimingSources } from '../planner/plan-source-nat.ts';
import type { AskedPolicy } from './asked-policy.ts';
import type { DesiredState } from './desired-state.ts';
import { type Located, locateGuest } from './guest-addresses.ts';
import { guestPorts, refuses } from './guest-ports.ts';
import type { Reading } from './host-reading.ts';
import { outside, outsideElements } from './network-elements.ts';
import { elementsOf, networksOf } from './networks-of-guest.ts';
import { type NicAddresses, nicAddresses } from './nic-addresses.ts';
import { supportedElements } from './supported-elements.ts';

/** Where the guest is, as far as that is known now, and what its ports on the host get for it. */
interface Whereabouts {
  readonly surroundings: readonly NicSurroundings[];
  readonly located: Located;
  readonly interfaceAddresses: NonNullable<DesiredState['interfaceAddresses']>;
  readonly nics: NicAddresses;
  readonly atPorts: readonly Element[];
}

/** The state of a guest whose policy needs an address of it: what its ports get, and all the rest if an address is known. */
export async function stateWithAddresses(
  asked: AskedPolicy,
  reading: Reading,
  known: (network: string) => boolean,
): Promise<DesiredState> {
  const where = whereabouts(
    asked,
    asked.limits?.confirmed(asked.effective) ?? (await reading.surroundingsOf(asked.guest)),
  );
  const { located, interfaceAddresses } = where;
  if (located.found.length + interfaceAddresses.length + located.named.length === 0)
    return unlocated(asked, where);
  return locatedState(asked, where, reading, known);
}

function whereabouts(
  { guest, policy, host, run }: AskedPolicy,
  surroundings: readonly NicSurroundings[],
): Whereabouts {
  const located = locateGuest(guest, policy, surroundings, run);
  const nics = checksSources(policy) ? nicAddresses(guest, located, surroundings, run) : none;
  const interfaceAddresses = located.interfaces.flatMap(({ choice, found: addresses }) =>
    addresses.length === 0 ? [] : [{ choice, addresses }],
  );
  const { elements: atPorts } = guestPorts(guest, policy, host, { ...located, nics });
  return { surroundings, located, interfaceAddresses, nics, atPorts };
}

const none: NicAddresses = { addresses: [], unknown: [], byLease: false };

function unlocated({ base, policy, ports, findings }: AskedPolicy, where: Whereabouts): DesiredState {
  const { problems: missing } = where.located;
  const doubtful = unknownNow(where);
  return {
    ...base,
    ...doubtful,
    deny: refuses(policy, [...ports.problems, ...missing]),
    elements: where.atPorts,
    problems: findings(ports.problems, missing),
    certain: doubtful.unknown.length === 0 && doubtful.unknownOn === undefined,
  };
}

async function locatedState(
  asked: AskedPolicy,
  where: Whereabouts,
  reading: Reading,
  known: (network: string) => boolean,
): Promise<DesiredState> {
  const { guest, policy, base, ports, effective, uplinks } = asked;
  const planned = planAt(asked, where);
  const remarks = findingsOf(aboutGuest(guest), [...where.located.remarks, ...planned.remarks]);
  const claiming = effective.weak ? claimingSources(planned.elements) : planned.elements;
  const { elements, problems: lacking } = supportedElements(claiming, reading.lacks);
  const used = [...new Set([...reading.recordedFamilies(), ...familiesOf(elements)])];
  const faults = [ports.problems, where.located.problems, planned.problems, lacking];
  return {
    ...base,
    ...unknownNow(where),
    ...addressesOf(asked, where),
    ...answersOf(uplinks),
    deny: refuses(policy, faults.flat()),
    elements: [
      ...where.atPorts,
      ...elements,
      ...planInside(guest.nics, familiesIn(elements)),
      ...planRoaming(guest.nics, elements),
    ],
    networks: {
      ...base.networks,
      ...elementsOf(await reading.liveNetworks(known), reading, used),
      ...networksOf(where.surroundings, reading, used),
      [outside]: outsideElements(asked.host, used),
    },
    problems: asked.findings(...faults),
    ...(remarks.length > 0 && { remarks }),
    certain: true,
  };
}

function planAt({ policy, uplinks }: AskedPolicy, { located, interfaceAddresses }: Whereabouts): Plan {
  const usual = located.found.map(({ address }) => address);
  return plan(policy, usual, uplinks.view, {
    on: (choice) =>
      interfaceAddresses
        .filter((one) => isSameInterfaceChoice(one.choice, choice))
        .flatMap(({ addresses }) => addresses.map(({ address }): Address => address)),
    others: located.others,
    has: (address) => located.named.includes(address),
  });
}

/** What could not be found now: the guest keeps what it has of it. */
function unknownNow({ located, nics }: Whereabouts) {
  const unknownOn = located.interfaces.flatMap(({ choice, unknown: families }) =>
    families.length === 0 ? [] : [{ choice, families }],
  );
  return {
    unknown: located.unknown,
    unknownAtPorts: nics.unknown,
    ...(unknownOn.length > 0 && { unknownOn }),
    ...((located.byLease || nics.byLease) && { byLease: true as const }),
  };
}

/** Its addresses, as the record keeps them. */
function addressesOf({ policy }: AskedPolicy, { located, interfaceAddresses }: Whereabouts) {
  const [first, second] = located.found;
  const given = [...(policy.addresses ?? []), ...located.named];
  return {
    ...(first !== undefined && { address: first.address, addressSource: first.source }),
    ...(first?.mac !== undefined && { addressMac: first.mac }),
    ...(second !== undefined && { otherAddress: second }),
    ...(interfaceAddresses.length > 0 && { interfaceAddresses }),
    ...(given.length > 0 && { givenAddresses: given }),
  };
}
