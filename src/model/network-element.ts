import type { Address, Network } from './address.ts';
import type { PortRange, Protocol } from './port.ts';

/** What a network needs, whichever guests are on it: one of libvirt's, or an interface that libvirt does not run. */
export type NetworkElement =
  /**
   * Connections that come from and go to this bridge are masqueraded, or answers would not come back. `uplink`: packets from
   * outside come by it, too.
   */
  | {
      readonly kind: 'hairpin';
      readonly bridge: string;
      readonly uplink?: true;
      readonly family?: 'ip6';
    }
  /** The host's own address on a guest network: forwards for `any` leave it alone (DNS, DHCP). */
  | { readonly kind: 'gateway'; readonly address: Address }
  /** From outside, forwards for `any` are reached through the interfaces that are named, and no others. */
  | { readonly kind: 'restricted'; readonly family?: 'ip6' }
  | { readonly kind: 'outside'; readonly interface: string; readonly family?: 'ip6' }
  /** New connections from `network` that leave through `interface` do so with `address`. */
  | {
      readonly kind: 'network-nat';
      readonly network: Network;
      readonly interface: string;
      readonly address: Address;
    }
  /** New connections from `network` that come by `bridge` and leave through `interface` are admitted, unless they are translated. */
  | {
      readonly kind: 'routed';
      readonly network: Network;
      readonly bridge: string;
      readonly interface: string;
    }
  /** New connections from `network` that leave through `interface` do so with the address that it has. */
  | {
      readonly kind: 'network-masquerade';
      readonly network: Network;
      readonly bridge: string;
      readonly interface: string;
    }
  /** What comes by `bridge` for these ports of the host is admitted. */
  | {
      readonly kind: 'service';
      readonly bridge: string;
      readonly protocol: Protocol;
      readonly ports: PortRange;
      readonly family?: 'ip6';
    }
  /** What arrives at this address and is not translated is dropped: `guest`, by its name in the files, does not run. */
  | { readonly kind: 'absent'; readonly address: Address; readonly guest: string };

/** Whether an element of a network is in place without any guest. */
export function isStanding(element: NetworkElement): boolean {
  return element.kind === 'absent' || isOfPolicy(element);
}

/** Whether a `[network.NAME]` table asks for an element. */
export function isOfPolicy({ kind }: NetworkElement): boolean {
  return kind === 'network-nat' || kind === 'network-masquerade' || kind === 'routed' || kind === 'service';
}

/** Whether other programs must let pass what an element admits: without any guest, too, it needs head rules. */
export function isAdmitting({ kind }: NetworkElement): boolean {
  return kind === 'routed' || kind === 'service';
}
