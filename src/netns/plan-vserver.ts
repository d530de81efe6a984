import { type Address, familyOf, networkOf } from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import type { PlacedAddress } from '../model/namespace.ts';
import { quoted, UserError } from '../model/problem.ts';
import { derivedMac } from './derived-mac.ts';
import { gatewaysOf } from './gateways.ts';
import { bridgePortUp, hostEndLines, placed, single, withoutWaiting } from './host-end.ts';
import type { NamespaceFacts } from './namespace-facts.ts';
import { mistakesOf } from './plan-namespace.ts';
import type { VserverDevice, VserverRequest } from './read-vserver.ts';

/** How the devices of a guest in a shared namespace are made: lines for `ip -batch`, and what they are as interfaces of a guest. */
export interface VserverPlan {
  /** On the host. */
  readonly outside: readonly string[];
  /** In the namespace, after those. */
  readonly inside: readonly string[];
  /** In the namespace, after those, with `ip -6`. */
  readonly inside6: readonly string[];
  /** On the host, once the guest has its rules; may be done again. */
  readonly connecting: readonly string[];
  readonly nics: readonly Nic[];
  /** The first interface on the host that leads to the guest. */
  readonly hostEnd?: string;
  /** Whether its own connections leave with the host's address. */
  readonly nat: boolean;
}

/** The names of a guest's devices begin so, in the namespace and on the host. None is longer than 11 bytes. */
export const insidePrefix = (context: number) => `vs${context}-`;
export const outsidePrefix = (context: number) => `gv${context}-`;

/** The routing table of a guest in its namespace: numbers below are the kernel's own and those of people (rt_tables). */
export const tableOf = (context: number) => 0x10000 + context;

/**
 * Plans the devices, addresses and routes of a guest. Guests that share a namespace share its routes: packets of a guest's address have a
 * table of its own, so that what comes by the guest's device is answered by it. For a process that chooses no address, routes of the guest
 * with the lowest context count. Pure.
 *
 * @throws UserError if the host lacks what the request names, or has one of its networks already
 */
export function planVserver(request: VserverRequest, facts: NamespaceFacts): VserverPlan {
  const { name, devices } = request;
  const mistakes = devices.flatMap((device) => mistakesOf(device, facts));
  if (mistakes.length > 0) throw new UserError(`vserver ${quoted(name)}: ${mistakes.join('; ')}`);
  const plans = devices.map((device) =>
    planDevice({ ...device, gateways: gatewaysOf(device, facts) }, request, facts.machine),
  );
  const hostEnd = plans.flatMap(({ nic }) => nic.tap ?? [])[0];
  return {
    outside: plans.flatMap(({ outside }) => outside),
    inside: plans.flatMap(({ inside }) => inside),
    inside6: plans.flatMap(({ inside6 }) => inside6),
    connecting: devices.flatMap(({ number, link }) =>
      bridgePortUp(`${outsidePrefix(request.context)}${number}`, link),
    ),
    nics: plans.map(({ nic }) => nic),
    ...(hostEnd !== undefined && { hostEnd }),
    nat: devices.some(({ link }) => link.kind === 'own'),
  };
}

function planDevice(
  device: VserverDevice,
  { context, namespace }: Pick<VserverRequest, 'context' | 'namespace'>,
  machine: string,
) {
  const { number, link, mac, addresses, gateways } = device;
  const inner = `${insidePrefix(context)}${number}`;
  const hostEnd = `${outsidePrefix(context)}${number}`;
  const isPort = link.kind === 'own' || link.kind === 'bridge';
  const networks = link.kind === 'own' ? gateways.map(single) : addresses.map(networkOfPlaced);
  const routes = [
    ...[...new Set(networks)].map((network) => `${network} dev ${inner}`),
    ...gateways.map((gateway) => `${anywhere(gateway)} via ${gateway} dev ${inner}${onlink(gateway)}`),
  ];
  const rule = ({ address }: PlacedAddress) => `rule add from ${single(address)} lookup ${tableOf(context)}`;
  const nic: Nic = {
    mac,
    ...(link.kind === 'bridge' && { bridge: link.bridge }),
    ...(isPort ? { tap: hostEnd } : { unseen: link.kind }),
    addresses: addresses.map(({ address }) => address),
  };
  return {
    outside: outsideLines(device, `${inner} netns ${namespace}`, hostEnd, machine),
    inside: [
      ...addresses.map(
        (one) => `addr add ${placed(one)} dev ${inner} noprefixroute${withoutWaiting(one.address)}`,
      ),
      `link set ${inner} up`,
      ...routes.flatMap((route) => [
        `route add ${route} metric ${context}`,
        `route add ${route} table ${tableOf(context)}`,
      ]),
      ...addresses.filter(({ address }) => familyOf(address) === 'ip').map(rule),
    ],
    inside6: addresses.filter(({ address }) => familyOf(address) === 'ip6').map(rule),
    nic,
  };
}

function outsideLines(
  { link, mac, addresses, gateways }: VserverDevice,
  innerPlace: string,
  hostEnd: string,
  machine: string,
): string[] {
  const pair = `link add ${hostEnd} address ${derivedMac(machine, 'host', hostEnd)} type veth peer name ${innerPlace} address ${mac}`;
  switch (link.kind) {
    case 'own':
    case 'bridge':
      return [pair, ...hostEndLines(hostEnd, link, addresses, gateways)];
    case 'vlan':
      return [`link add link ${link.uplink} name ${innerPlace} address ${mac} type vlan id ${link.vlan}`];
    case 'macvlan':
      return [`link add link ${link.uplink} name ${innerPlace} address ${mac} type macvlan mode bridge`];
  }
}

function networkOfPlaced({ address, prefix }: PlacedAddress): string {
  return networkOf(address, prefix);
}

/** Two guests may have one router: for an IPv6 route, the kernel would find the device of the other one (ip6_route_check_nh_onlink). */
function onlink(gateway: Address): string {
  return familyOf(gateway) === 'ip' ? ' onlink' : '';
}

function anywhere(address: Address): string {
  return familyOf(address) === 'ip' ? '0.0.0.0/0' : '::/0';
}
