import {
  type Address,
  type Family,
  familyName,
  familyOf,
  mergeNetworks,
  type Network,
} from '../model/address.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { NetworkElement } from '../model/network-element.ts';
import { type NetworkPolicy, usualServices } from '../model/network-policy.ts';
import { outgoingInterfaces, type PublicSide } from './outgoing-interfaces.ts';
import { planServices } from './plan-services.ts';

/** A policy of a network as elements, and the parts of it that cannot be done. */
export interface NetworkPlan {
  readonly elements: readonly NetworkElement[];
  readonly problems: readonly Fault[];
}

/** Where the guests of a network are. */
export interface NetworkPlace {
  /** Undefined: libvirt's definition names none. */
  readonly bridge?: string | undefined;
  /** The networks that its guests have addresses in. */
  readonly prefixes: readonly Network[];
  /** Whether it is an interface of the host that libvirt does not run: no other program lets its guests out. */
  readonly plain?: boolean;
}

/**
 * What `[network.NAME]` asks for: the addresses that connections of its guests leave with, where they are let out, and what they
 * reach of the host. Where libvirt runs the network, only what the table names beside `snat`.
 */
export function planNetwork(policy: NetworkPolicy, place: NetworkPlace, host: PublicSide): NetworkPlan {
  const problems: Fault[] = [];
  const prefixes = mergeNetworks(place.prefixes);
  const nat = sourceNat(policy, prefixes, host, problems);
  const { snat, masquerade = [] } = policy;
  const isPlain = place.plain === true;
  const { forward = isPlain && (masquerade.length > 0 || snat !== undefined) } = policy;
  const { services = isPlain && isLetOut(policy) ? usualServices : [] } = policy;
  const wants = forward || masquerade.length > 0;
  const bridge = wants || services.length > 0 ? bridgeOf(place, problems) : undefined;
  if (bridge === undefined) return { elements: nat, problems };
  if (wants && prefixes.length === 0)
    problems.push(
      policyFault(
        `no connection of its guests passes the host: ${bridge} has no address and no route leads to it`,
        'give the bridge an address: guests use it as their router',
      ),
    );
  const ways = wants ? waysOut(policy, bridge, prefixes, host, problems) : [];
  const sources = nat.flatMap((one) => (one.kind === 'network-nat' ? [one] : []));
  const also = sources.map(({ network, interface: name }) => ({ network, interface: name }));
  const known = (way: Way) =>
    ways.some((one) => one.network === way.network && one.interface === way.interface);
  const admitted = forward ? [...ways, ...also.filter((way) => !known(way))] : [];
  return {
    elements: [
      ...nat,
      ...admitted.map((way) => routed(way, bridge)),
      ...(forward && policy.isolated !== true
        ? prefixes.map((network) => routed({ network, interface: bridge }, bridge))
        : []),
      ...ways
        .filter(({ network }) => masquerade.includes(familyOf(network)))
        .map(
          ({ network, interface: name }): NetworkElement => ({
            kind: 'network-masquerade',
            network,
            bridge,
            interface: name,
          }),
        ),
      ...planServices(services, bridge, prefixes),
    ],
    problems,
  };
}

/** Whether a table asks for anything that does not belong to the guests one by one. */
export function asksForRules(policy: NetworkPolicy): boolean {
  return isLetOut(policy) || policy.services !== undefined;
}

/** Whether the table says how guests get out, or that they do not. */
function isLetOut({ forward, masquerade, snat }: NetworkPolicy): boolean {
  return forward !== undefined || masquerade !== undefined || snat !== undefined;
}

/** An element for each prefix and interface of the public side. */
function sourceNat(
  { snat = [] }: NetworkPolicy,
  prefixes: readonly Network[],
  host: PublicSide,
  problems: Fault[],
): NetworkElement[] {
  return snat.flatMap((address) => {
    const own = prefixes.filter((prefix) => familyOf(prefix) === familyOf(address));
    if (own.length === 0)
      problems.push(
        policyFault(
          `snat ${address} applies to no guest: the network has no ${familyName(familyOf(address))}`,
        ),
      );
    const interfaces = own.length === 0 ? [] : outgoingInterfaces(address, host, problems);
    return own.flatMap((network) =>
      interfaces.map((name) => ({ kind: 'network-nat' as const, network, interface: name, address })),
    );
  });
}

function bridgeOf({ bridge }: NetworkPlace, problems: Fault[]): string | undefined {
  if (bridge !== undefined && isInterfaceName(bridge)) return bridge;
  problems.push(policyFault('no rule of the host sees its guests: the network has no bridge'));
  return undefined;
}

/** A network whose guests leave through an interface. */
interface Way {
  readonly network: Network;
  readonly interface: string;
}

function routed({ network, interface: name }: Way, bridge: string): NetworkElement {
  return { kind: 'routed', network, bridge, interface: name };
}

/** The unspecified addresses: no interface has them, so they name the public side. */
const unheld: Readonly<Record<Family, Address>> = { ip: '0.0.0.0', ip6: '::' };

/** A bridge that is the uplink itself has its guests on the network outside: they leave without the host. */
function waysOut(
  { uplinks }: NetworkPolicy,
  bridge: string,
  prefixes: readonly Network[],
  host: PublicSide,
  problems: Fault[],
): Way[] {
  const through = (family: Family) => uplinks ?? host.interfacesOf(unheld[family]);
  const ways = prefixes.flatMap((network) =>
    through(familyOf(network))
      .filter((name) => name !== bridge && isInterfaceName(name))
      .map((name) => ({ network, interface: name })),
  );
  if (prefixes.length > 0 && ways.length === 0) {
    const isUplink = prefixes.some((prefix) => through(familyOf(prefix)).includes(bridge));
    problems.push(
      isUplink
        ? policyFault(
            `${bridge} is the uplink of the host: its guests are on the network outside, and leave without the host`,
            'remove forward, masquerade and snat, or name another interface in uplink',
          )
        : policyFault(
            'its guests have no way out: the host has no default route',
            'set uplink in the table, or interface in [host]',
          ),
    );
  }
  return ways;
}
