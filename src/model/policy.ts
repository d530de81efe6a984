import type { Access, Egress } from './access.ts';
import type { Address, Network } from './address.ts';
import type { InterfaceChoice } from './interface-choice.ts';
import type { PortRange, Protocol } from './port.ts';
import type { Problem } from './problem.ts';
import type { HostProtection } from './protection.ts';
import type { Rate } from './rate.ts';

/** How much a forward or an open port may be used; counted separately for each protocol, family and address of the host. */
export interface Limits {
  /** Beyond it, first packets are dropped. */
  readonly rate?: Rate;
  /** How many connections one source address may have at a time. */
  readonly connections?: number;
}

/** What reaches the host at `host` and `ports` goes to the guest, the first port to `to`, the rest counting up. */
export interface Forward extends Limits {
  /**
   * The host's address; `any`: all addresses of the host, in each family in which the guest
   * has an address; `0.0.0.0` and `::`: the same in one family.
   */
  readonly host: Address | 'any';
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** The guest's port for the first of `ports`. */
  readonly to: number;
  /** Who may use it; overrides the guest's `allowFrom`. Undefined: as `allowFrom` says. */
  readonly from?: readonly Network[];
  /** Whether it is reachable at the host's 127.0.0.1 too. Undefined: as the guest's `loopback` says. */
  readonly loopback?: boolean;
  /** The interface whose address it leads to. Undefined: the guest's usual address. */
  readonly interfaceChoice?: InterfaceChoice;
  /** One of several addresses of the guest's, to which it leads. Undefined: the usual one. */
  readonly toAddress?: Address;
  /** An interface of the host: the forward is at the addresses that it has, in place of `host`. */
  readonly uplink?: string;
  /** Whether the guest sees the host's address as its source. Undefined: as the guest's `masquerade` says. */
  readonly masquerade?: boolean;
  /** As the administrator wrote it, for messages. */
  readonly text: string;
}

/** Ports of the guest's own address that may be reached as they are, without translation. */
export interface OpenPort extends Limits {
  /** Undefined: all addresses of the guest that are known. */
  readonly address?: Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** As in a forward. */
  readonly from?: readonly Network[];
  /** As the administrator wrote it, for messages. */
  readonly text: string;
}

/** The namespace of our element in a domain's `<metadata>`. */
export const metadataNamespace = 'urn:guestgate:1';

/** What the administrator wants for one guest. */
export interface GuestPolicy {
  /** At most one of each family. */
  readonly addresses?: readonly Address[];
  /** The interface whose address counts. Undefined: the first interface that has one. */
  readonly interfaceChoice?: InterfaceChoice;
  readonly forwards?: readonly Forward[];
  readonly open?: readonly OpenPort[];
  /** One-to-one: all that arrives at these goes to the guest, and the guest leaves with the first of its family. */
  readonly publicAddresses?: readonly Address[];
  /** What the guest's own connections leave with: the first of each family. */
  readonly snat?: readonly Address[];
  /**
   * Who may reach the guest through its forwards, its open ports and its public addresses. Each network counts in its
   * family; a family without any is closed. Undefined: all sources.
   */
  readonly allowFrom?: readonly Network[];
  /** Who may not, whatever `allowFrom` and a forward's `from` say; besides those that the host denies. */
  readonly denyFrom?: readonly Network[];
  /** Whether its forwards are reachable at the host's 127.0.0.1 too. */
  readonly loopback?: boolean;
  /** Whether the guest sees the host's address as the source of connections to its forwards and public addresses. */
  readonly masquerade?: boolean;
  /** Whom it reaches, and who reaches it. Undefined: as its networks say, otherwise `open`. */
  readonly access?: Access;
  /** What it may open with `inbound`, besides DHCP and DNS of the host. */
  readonly egress?: readonly Egress[];
  /** Whether it may send from its own MAC addresses and addresses alone. */
  readonly antispoof?: boolean;
  /** Whether nothing may pass on a bridge between its ports and those of other guests. Xen only. */
  readonly isolated?: boolean;
  /**
   * What happens to packets for its public addresses while it does not run: the host drops them, or its own services get them.
   * Undefined: `drop` if the guest has an `allowFrom` and the address is not the host's own, otherwise `host`.
   */
  readonly absent?: 'drop' | 'host';
  /** `deny`: the guest may not start if any of this cannot be done. Undefined: `deny` if `access` confines it. */
  readonly onError?: 'deny' | 'start';
}

/** A guest for whose public addresses the host drops packets while the guest does not run. */
export interface AbsentPolicy {
  /** Its name or UUID, as the file has it. */
  readonly guest: string;
  readonly addresses: readonly Address[];
  /** Whether its policy says so; otherwise because of its `allowFrom`. */
  readonly explicit: boolean;
}

/** Ports of the host's; of all protocols, if none is named. */
export interface ReservedPorts {
  readonly ports: PortRange;
  readonly protocol?: Protocol;
}

/** The keys of a policy that metadata may have only if the administrator says so. */
export const grantedKeys = ['address', 'open', 'public_address', 'snat'] as const;
export type GrantedKey = (typeof grantedKeys)[number];

/**
 * What metadata may do besides forwarding free ports of the host's public addresses to the guest's own address: who defines a
 * guest need not be the administrator.
 */
export interface MetadataGrants {
  /** The guests that get all this, as keys of `[guest.KEY]`. Undefined: all guests. */
  readonly guests?: readonly string[];
  readonly keys: readonly GrantedKey[];
  /** Reserved ports that may be taken all the same. */
  readonly ports: readonly ReservedPorts[];
  /** Addresses that may be used all the same. */
  readonly addresses: readonly Address[];
}

/** What the administrator configures for the host. */
export interface HostPolicy {
  /** The public side. Undefined: the interface of the default route. */
  readonly interfaces?: readonly string[];
  /** Where forwards without an address of their own are reachable. Undefined: at all of the host's addresses. */
  readonly addresses?: readonly Address[];
  readonly backend: 'auto' | 'nftables' | 'iptables';
  /** Who may reach no guest. */
  readonly denyFrom?: readonly Network[];
  /** Whether forwards in a domain's XML count. */
  readonly metadata: boolean;
  /** What metadata may do besides. Undefined: nothing. */
  readonly metadataGrants?: MetadataGrants;
  /** Host ports that no guest may take by its metadata. Undefined: 22, and those on which the host listens. */
  readonly reserved?: readonly ReservedPorts[];
  /** `bottom`: the accepts for Xen's bridged guests are the last rules of iptables' FORWARD. Undefined: the first. */
  readonly vifRules?: 'bottom';
  /** What the host itself takes from others. Undefined: everything. */
  readonly protect?: HostProtection;
  /** The bit of `ct mark` that admitted connections carry. */
  readonly mark: number;
  /** How large the policy of a guest may be. */
  readonly limits: SizeLimits;
  /** How large the part of it may be that its metadata gives. */
  readonly metadataLimits: SizeLimits;
}

/** How large a policy may be: one that is larger is not applied. */
export interface SizeLimits {
  /** Forwards, open ports and public addresses, each protocol counted. */
  readonly forwards: number;
  /** The ports of all shifted ranges together: each is an entry of its own in the kernel. */
  readonly shiftedPorts: number;
  /** Source networks, counted once for each forward or open port that they hold for. */
  readonly sources: number;
}

/** 0x10000000: clear of the masks of Tailscale (0xff0000), Kubernetes (0xc000) and wg-quick (0xca6c). */
export const defaultHostPolicy: HostPolicy = {
  backend: 'auto',
  metadata: true,
  mark: 0x10000000,
  limits: { forwards: 16_384, shiftedPorts: 16_384, sources: 16_384 },
  metadataLimits: { forwards: 64, shiftedPorts: 1024, sources: 1024 },
};

/** A guest's policy together with all that is wrong with it; with a problem in it, it is not applied. */
export interface GuestPolicyFound {
  readonly policy: GuestPolicy;
  readonly problems: readonly Problem[];
}
