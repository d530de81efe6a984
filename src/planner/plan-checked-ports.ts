import { type Address, type Network, parseNetwork } from '../model/address.ts';
import type { AntispoofElement } from '../model/antispoof.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isMac, linkLocalOf } from '../model/mac.ts';
import { quoted } from '../model/problem.ts';

/** A guest's interfaces; undefined: those of any hypervisor. */
export type Ports = Pick<Guest, 'nics'> & { readonly driver?: Guest['driver'] | undefined };

/**
 * The ports of a guest that its policy checks (`antispoof`, `access`), where Xen's scripts do not report them. libvirt chooses the ports
 * between `prepare` and `start`: a description without any has none yet. A local guest's are known when it is up, or never. Pure.
 *
 * @param own the guest's addresses, as far as they are known: it may answer from each of them by any of its interfaces;
 *   undefined: it may send from anything
 * @param closed what does not pass at its ports
 * @param isolated whether nothing passes between them and those of other guests
 */
export function planCheckedPorts(
  { nics, driver }: Ports,
  own: readonly Address[] | undefined,
  closed?: AntispoofElement['closed'],
  isolated = false,
): { readonly elements: readonly AntispoofElement[]; readonly problems: readonly Fault[] } {
  const elements: AntispoofElement[] = [];
  const problems: Fault[] = [];
  const areChosen = nics.some(({ tap }) => tap !== undefined);
  for (const nic of nics) {
    if (nic.vif !== undefined) continue;
    const { tap, mac, bridge } = nic;
    if (isUnseen(nic)) problems.push(unseen(nic));
    else if (tap === undefined) {
      if (driver === 'local') problems.push(unnamedPort(nic));
      else if (areChosen) problems.push(unknownPort(nic));
    } else if (!isInterfaceName(tap)) problems.push(invalidName(tap));
    else {
      if (own !== undefined && bridge !== undefined && mac === undefined) problems.push(unknownMac(tap));
      elements.push({
        kind: 'vif',
        port: tap,
        way: bridge === undefined ? 'routed' : 'bridged',
        ...(bridge !== undefined && isInterfaceName(bridge) && { bridge }),
        ...(mac !== undefined && isMac(mac) && { mac }),
        ...(own !== undefined && { sources: ownSources(nic, own) }),
        ...(isolated && bridge !== undefined && { isolated }),
        ...(closed !== undefined && { closed }),
        unaccepted: true,
      });
    }
  }
  return { elements, problems };
}

/** What an interface may send from: the guest's addresses, and the link-local one, with which IPv6 asks for others. */
export function ownSources({ mac }: Pick<Nic, 'mac'>, own: readonly Address[]): Network[] {
  const linkLocal = mac !== undefined && isMac(mac) ? [linkLocalOf(mac)] : [];
  return [...new Set([...own, ...linkLocal])].flatMap((address) => parseNetwork(address) ?? []);
}

export function invalidName(port: string): Fault {
  return policyFault(
    `invalid interface name ${quoted(port)}: a rule cannot contain it`,
    'choose another vifname',
  );
}

/** A network that has a port and no bridge leads past the host's bridges, whatever kind the interface is of. */
function isUnseen({ unseen, tap, bridge, network }: Nic): boolean {
  return unseen !== undefined || (tap !== undefined && bridge === undefined && network !== undefined);
}

function unseen({ unseen: kind, mac, network }: Nic): Fault {
  const what =
    kind === undefined ? `network ${quoted(network ?? '')} has no bridge` : `it is of type ${quoted(kind)}`;
  return policyFault(
    `no rule of the host sees what its interface ${mac ?? ''} sends: ${what}`,
    'attach it to a bridge or a libvirt network, or remove antispoof and access',
  );
}

function unknownPort({ mac }: Nic): Fault {
  return policyFault(
    `the port of its interface ${mac ?? ''} is not known yet: what it sends is not checked`,
    'guestgate apply',
  );
}

/** With its neighbour's MAC address, a guest gets what the host sends to that neighbour. */
function unknownMac(port: string): Fault {
  return policyFault(
    `no MAC address is known for its interface ${port} on a bridge: it may send from any`,
    'report it with its MAC address (guestgate guest up NAME --mac ADDRESS), or remove antispoof and access',
  );
}

function unnamedPort({ mac, bridge, addresses }: Nic): Fault {
  const what = mac ?? addresses[0];
  return policyFault(
    `no port of the host is known for its interface${what === undefined ? '' : ` with ${what}`}: what it sends is not checked`,
    `report it with its own port (guestgate guest up NAME --interface PORT)${bridge === undefined ? '' : `, which is not the bridge ${quoted(bridge)}`}, or remove antispoof, access and isolated`,
  );
}
