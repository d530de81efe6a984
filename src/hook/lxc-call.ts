import type { Address } from '../model/address.ts';
import { contains, parseAddress } from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isMac } from '../model/mac.ts';

/** A call of LXC's hook: the container begins, with its network, or has ended; or anything else, which needs nothing. */
export type LxcCall =
  | { readonly kind: 'up'; readonly name: string; readonly pid: number }
  | { readonly kind: 'down'; readonly name: string }
  | { readonly kind: 'nothing' };

/**
 * Reads a call of a hook of LXC's (lxc.container.conf(5), "Container hooks"): the variables are set in each version of hooks, and in version
 * 0 the arguments are name, section and hook type, too. Pure.
 */
export function parseLxcCall(args: readonly string[], environment: NodeJS.ProcessEnv): LxcCall {
  const name = environment['LXC_NAME'] ?? args[0] ?? '';
  const type = environment['LXC_HOOK_TYPE'] ?? args[2];
  const pid = environment['LXC_PID'] ?? '';
  if (name === '') return { kind: 'nothing' };
  if (type === 'start-host' && /^[1-9]\d{0,9}$/.test(pid)) return { kind: 'up', name, pid: Number(pid) };
  return type === 'post-stop' ? { kind: 'down', name } : { kind: 'nothing' };
}

/** An interface, as `ip -j addr` prints it. */
export interface ListedInterface {
  readonly ifindex?: number;
  readonly ifname?: string;
  readonly address?: string;
  readonly link_index?: number;
  readonly master?: string;
  readonly link_type?: string;
  readonly addr_info?: readonly { readonly local?: string; readonly scope?: string }[];
}

/**
 * The interfaces of a container, in its order: its MAC addresses and addresses, and which interface of the host leads to each, on which
 * bridge. A tunnel of the host's that the container was given (tun, WireGuard, PPP) leads past it. Pure.
 *
 * @param inside the interfaces in its network namespace
 * @param outside those of the host: the peer of a veth has the number that `link_index` names
 */
export function nicsOf(inside: readonly ListedInterface[], outside: readonly ListedInterface[]): Nic[] {
  return inside.flatMap((one): Nic[] => {
    const mac = one.address?.toLowerCase() ?? '';
    const addresses = (one.addr_info ?? []).flatMap(globalAddress);
    if (one.link_type === 'none' || one.link_type === 'ppp') return [{ unseen: 'tunnel', addresses }];
    if (one.link_type !== 'ether' || !isMac(mac)) return [];
    const peer = outside.find(
      (other) => other.ifindex === one.link_index && other.link_index === one.ifindex,
    );
    const tap = peer?.ifname !== undefined && isInterfaceName(peer.ifname) ? peer.ifname : undefined;
    return [
      {
        mac,
        ...(tap !== undefined && { tap }),
        ...(tap !== undefined && peer?.master !== undefined && { bridge: peer.master }),
        addresses,
      },
    ];
  });
}

function globalAddress({ local }: { readonly local?: string }): Address[] {
  const address = parseAddress(local ?? '');
  return address === undefined || contains('fe80::/10', address) ? [] : [address];
}
