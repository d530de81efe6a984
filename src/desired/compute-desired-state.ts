import type { Domain } from '../libvirt/domain.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { familyOf } from '../model/address.ts';
import type { InsideElement } from '../model/element.ts';
import { aboutGuest } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { needsAddress } from '../planner/families.ts';
import { answersOf } from '../planner/noting-uplinks.ts';
import { checksSources } from '../planner/plan-access.ts';
import { planInside } from '../planner/plan-inside.ts';
import { type AskedPolicy, askedPolicy } from './asked-policy.ts';
import { locate } from './configuration.ts';
import type { DesiredState } from './desired-state.ts';
import { locateGuest } from './guest-addresses.ts';
import { guestPorts, portPolicy } from './guest-ports.ts';
import { runOf } from './guest-run.ts';
import type { Reading } from './host-reading.ts';
import { outsideElements } from './network-elements.ts';
import { nicAddresses } from './nic-addresses.ts';
import { stateWithAddresses } from './state-with-addresses.ts';

/**
 * Guest and policy as elements. Reads files, changes nothing.
 *
 * @param known whether a network has its elements in the kernel already
 * @param runOfGuest what tells its leases from those of earlier runs; for a guest that does not run: `nextRun`
 */
export async function computeDesiredState(
  domain: Domain,
  reading: Reading,
  known: (network: string) => boolean,
  runOfGuest: (guest: Guest) => GuestRun = runOf,
): Promise<DesiredState> {
  const asked = await askedPolicy(domain, reading, runOfGuest);
  if (asked.effective.problems.length > 0) return mistaken(asked, reading);
  if (!needsAddress(asked.policy)) return withoutAddresses(asked);
  return stateWithAddresses(asked, reading, known);
}

/** A policy with a mistake is not applied; what confines the guest is, as far as it is known. */
async function mistaken(asked: AskedPolicy, reading: Reading): Promise<DesiredState> {
  const { base, guest, policy, ports, effective } = asked;
  const checked = checksSources(policy) ? await checkedPorts(asked, reading) : base;
  const mistakes = await locate(effective.problems, reading.configuration.files);
  const inPolicy = mistakes.map((mistake) => ({ ...mistake, subject: aboutGuest(guest, mistake.subject) }));
  return { ...base, ...checked, problems: [...asked.findings(ports.problems), ...inPolicy], certain: false };
}

/** A mistake in another part of the policy does not open what its ports may send and reach. */
async function checkedPorts(
  { guest, policy, host, run }: AskedPolicy,
  reading: Reading,
): Promise<Pick<DesiredState, 'elements' | 'unknown' | 'unknownAtPorts'>> {
  const { open: _, ...part } = portPolicy(policy);
  const around = await reading.surroundingsOf(guest);
  const found = locateGuest(guest, part, around, run);
  const nics = nicAddresses(guest, found, around, run);
  const { elements } = guestPorts(guest, portPolicy(policy), host, { ...found, nics });
  return { elements, unknown: found.unknown, unknownAtPorts: nics.unknown };
}

function withoutAddresses(asked: AskedPolicy): DesiredState {
  const { base, ports, uplinks } = asked;
  const elements = [...ports.elements, ...insideOnly(asked)];
  return {
    ...base,
    ...answersOf(uplinks),
    elements,
    problems: asked.findings(ports.problems),
    certain: true,
  };
}

/** Where `[host]` says from where forwards are reached, a routed guest without any of its own is inside, too. */
function insideOnly({ guest, base, host }: AskedPolicy): InsideElement[] {
  if (!base.managed || outsideElements(host, ['ip']).length === 0) return [];
  return guest.nics.flatMap((nic) => planInside([nic], [...new Set(nic.addresses.map(familyOf))]));
}
