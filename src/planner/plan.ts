import { type Address, mergeNetworks } from '../model/address.ts';
import type { Claim, Element, GuestElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { quoted } from '../model/problem.ts';

/** What the plan needs to know of the host. */
export interface HostView {
  /** Where forwards without an address of their own are reachable; `any`: at all of the host's addresses. */
  readonly addresses: readonly Address[] | 'any';
  /** The interfaces that connections with this source address leave through: the public side. */
  readonly interfacesOf: (address: Address) => readonly string[];
}

export interface Plan {
  readonly elements: readonly GuestElement[];
  /** What of the policy cannot be done, and why. */
  readonly problems: readonly string[];
}

/** A guest's policy as elements. Pure: the same input gives the same elements in the same order. */
export function plan(policy: GuestPolicy, guest: Address, host: HostView): Plan {
  const problems: string[] = [];
  const forwards = (policy.forwards ?? []).flatMap((forward) => spread(forward, host));
  const elements: GuestElement[] = withoutRepetition(forwards, problems).flatMap((forward) => [
    ...guard(
      { host: forward.host, protocol: forward.protocol, ports: forward.ports },
      forward.from ?? policy.allowFrom,
    ),
    {
      kind: 'forward' as const,
      host: forward.host,
      protocol: forward.protocol,
      ports: forward.ports,
      guest,
      to: forward.to,
    },
  ]);
  if (policy.publicAddress !== undefined) {
    elements.push(...guard({ host: policy.publicAddress }, policy.allowFrom));
    elements.push({ kind: 'one-to-one', host: policy.publicAddress, guest });
  }
  elements.push(...sourceNat(policy, guest, host, problems));
  return { elements, problems };
}

/** Whether the policy asks for anything that needs the guest's address. */
export function needsAddress(policy: GuestPolicy): boolean {
  return (
    (policy.forwards ?? []).length > 0 || policy.publicAddress !== undefined || policy.snat !== undefined
  );
}

/** What may be in place before the guest runs: that which only restricts. */
export function restrictions(elements: readonly Element[]): Element[] {
  return elements.filter((element) => element.kind === 'guard');
}

/** A forward without an address is one at each of the host's, or one for whichever was asked for. */
function spread(forward: Forward, host: HostView): Forward[] {
  if (forward.host !== 'any' || host.addresses === 'any') return [forward];
  return host.addresses.map((address) => ({ ...forward, host: address }));
}

/** The guest's own forwards must not contradict one another: the first one counts. */
function withoutRepetition(forwards: readonly Forward[], problems: string[]): Forward[] {
  const kept: Forward[] = [];
  for (const forward of forwards) {
    const other = kept.find(
      (one) =>
        one.protocol === forward.protocol &&
        overlap(one.ports, forward.ports) &&
        (one.host === forward.host || one.host === 'any' || forward.host === 'any'),
    );
    if (other === undefined) kept.push(forward);
    else if (other.text !== forward.text)
      problems.push(`forward ${forward.text} repeats host ports of ${other.text}`);
  }
  return kept;
}

function guard(claim: Claim, from: Forward['from']): GuestElement[] {
  return from === undefined ? [] : [{ kind: 'guard', claim, from: mergeNetworks(from) }];
}

function sourceNat(policy: GuestPolicy, guest: Address, host: HostView, problems: string[]): GuestElement[] {
  const address = policy.publicAddress ?? policy.snat;
  if (address === undefined) return [];
  const interfaces = host.interfacesOf(address);
  if (interfaces.length === 0) {
    problems.push(
      `${address} is on no interface and there is no default route, so the guest cannot leave with it: set interface in [host]`,
    );
  }
  return interfaces.flatMap((name) => {
    if (isInterfaceName(name)) return [{ kind: 'source-nat', guest, interface: name, address }];
    problems.push(
      `${quoted(name)} is an interface name that no rule can hold: rename it, or set interface in [host]`,
    );
    return [];
  });
}
